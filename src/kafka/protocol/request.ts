import type { ByteReader, ByteWriter } from "./bytes.ts";

/** One request of Kafka's protocol in one version, and how its answer reads. */
export interface Request<Answer> {
  readonly name: string;
  readonly apiKey: number;
  readonly apiVersion: number;
  /** Header version 2 and 1 (tagged fields) instead of 1 and 0. */
  readonly flexible?: boolean;
  /** The broker sends no answer; `send` resolves with this when the request is written. */
  readonly unanswered?: Answer;
  encode(body: ByteWriter): void;
  decode(body: ByteReader): Answer;
}
