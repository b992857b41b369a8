import { ByteReader } from "../protocol/bytes.ts";
import { encodeFrame } from "../connection/connection.ts";
import { metadataRequest, type BrokerNode } from "../protocol/read-requests.ts";

/** What a broker answered to somebody else who asked it for dp. */
export interface RelayedView {
  readonly brokers: readonly BrokerNode[];
  readonly clusterId: string | null;
}

/** The bytes that ask a broker for its view of the cluster, for who can only carry bytes. */
export function relayedRequest(): Buffer {
  return Buffer.concat(encodeFrame(metadataRequest([]), 1));
}

/** Reads the answer to it, without the four bytes of its size. Throws RangeError for other bytes. */
export function readRelayedAnswer(answer: Buffer): RelayedView {
  const { brokers, clusterId } = metadataRequest([]).decode(new ByteReader(answer, 4));
  return { brokers, clusterId };
}
