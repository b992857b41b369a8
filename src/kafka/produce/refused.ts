import { missingRight } from "../cluster/advice.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { timeText } from "../records/fields.ts";
import { parseTimestamp } from "../protocol/int64.ts";
import type { Packing } from "./encoder.ts";
import type { Failures } from "./failures.ts";
import type { Batch } from "./lane.ts";
import { splitBatch, withoutRecords } from "./split.ts";
import { describeTopicConfigsRequest } from "../protocol/config-requests.ts";
import { errorName, errorText, messageTooLarge } from "../protocol/error-codes.ts";
import type { PartitionWritten } from "../protocol/produce-request.ts";

type Failure = Parameters<Failures["add"]>[0];

/** What becomes of a batch that the broker does not want, now or later. */
export interface Refused {
  /** To be written in its place. */
  readonly instead: readonly Batch[];
  readonly failures: readonly Failure[];
  /** Whether no other batch of the topic can do better. */
  readonly endsAll: boolean;
}

/** Records that are refused for themselves are told apart from those that were only sent with them. */
export async function refusedBatch(options: {
  readonly cluster: Cluster;
  readonly topic: string;
  readonly packing: Packing;
  readonly batch: Batch;
  readonly answer: PartitionWritten;
}): Promise<Refused> {
  const { cluster, topic, packing, batch, answer } = options;
  const { errorCode, errorMessage, badRecords } = answer;
  const whole = { records: batch.records, lines: batch.lines };
  const text = errorText(errorCode, errorMessage);
  const name = errorName(errorCode) ?? "";
  if (tooLarge.has(name)) {
    const maxBytes = await batchLimit(cluster, topic);
    if (batch.records > 1) {
      return { instead: splitBatch(batch, { packing, maxBytes }), failures: [], endsAll: false };
    }
    const bytes = batch.bytes.length;
    if (bytes > largestBatchBytes) {
      const why = `${name}: larger than any broker takes (socket.request.max.bytes, 100 MiB)`;
      return { instead: [], failures: [{ ...whole, why }], endsAll: false };
    }
    const limit = maxBytes === undefined ? "max.message.bytes" : `max.message.bytes=${maxBytes}`;
    const why = `${name}: larger than topic ${topic} takes (${limit})`;
    const next = `dp topic alter ${topic} --set max.message.bytes=${enoughFor(bytes)}`;
    return { instead: [], failures: [{ ...whole, why, next, bytes }], endsAll: false };
  }
  if (badRecords.length > 0) {
    const places = new Set(badRecords.map(({ index }) => index));
    const instead = withoutRecords(batch, { packing, places });
    const failures = badRecords.map(({ index, message }): Failure => {
      const line = batch.lines[index];
      // The code is that of one of them only.
      const why = message ?? text;
      return {
        why: explainRefusal(why),
        kind: why.replaceAll(/\d+/g, "N"),
        records: 1,
        lines: line === undefined ? [] : [line],
      };
    });
    return { instead, failures, endsAll: false };
  }
  const endsAll = forbidden.has(name);
  const next = endsAll ? missingRight("Write", topic) : undefined;
  return { instead: [], failures: [{ ...whole, why: text, next }], endsAll };
}

/**
 * A broker closes the connection on a larger request, without an answer: socket.request.max.bytes, less
 * what stands around the batch.
 */
const largestBatchBytes = 100 * 1024 * 1024 - 1024;

/** The answer to a batch that must not be sent; undefined for one that may. */
export function refusalUnsent(partition: number, batch: Batch): PartitionWritten | undefined {
  if (batch.bytes.length <= largestBatchBytes) return undefined;
  const errorMessage = null;
  return { partition, errorCode: messageTooLarge, errorMessage, baseOffset: -1, badRecords: [] };
}

const tooLarge: ReadonlySet<string> = new Set(["MESSAGE_TOO_LARGE", "RECORD_LIST_TOO_LARGE"]);
const forbidden: ReadonlySet<string> = new Set([
  "TOPIC_AUTHORIZATION_FAILED",
  "CLUSTER_AUTHORIZATION_FAILED",
]);

/** Undefined when the brokers don't say, each asked twice. */
async function batchLimit(cluster: Cluster, topic: string): Promise<number | undefined> {
  for (const { id } of [...cluster.nodes(), ...cluster.nodes()]) {
    const request = describeTopicConfigsRequest([topic]);
    const answer = await cluster.ask(id, request, 3000).catch(() => undefined);
    const value = answer?.[0]?.entries.find(({ key }) => key === "max.message.bytes")?.value;
    if (value !== undefined && value !== null) return Number(value);
  }
  return undefined;
}

const mebibyte = 1024 * 1024;

/** The next whole MiB, which is also above what a record takes when it is not alone. */
function enoughFor(bytes: number): number {
  return Math.ceil((bytes + 1) / mebibyte) * mebibyte;
}

/**
 * A broker's message about a record's timestamp, which it gives in milliseconds beside an offset that no one
 * knows, as a time and the config that limits it; any other message as it is.
 */
export function explainRefusal(text: string): string {
  const range = /^Timestamp (-?\d+) of message .* within \[(-?\d+), (-?\d+)\]/.exec(text);
  if (range === null) return text;
  const [time = 0, earliest = 0, latest = 0] = range.slice(1).map(parseTimestamp);
  const [far, limit, key] =
    time > latest ? ["after", latest, "after.max.ms"] : ["before", earliest, "before.max.ms"];
  const ends = far === "after" ? "latest" : "earliest";
  return `its time, ${timeText(time)}, is ${far} ${timeText(limit)}, the ${ends} that the topic accepts (message.timestamp.${key})`;
}
