import { expect, test } from "vitest";
import { encodeBatch, loadPacking } from "../../../src/kafka/produce/encoder.ts";
import { createRecordCounter } from "../../../src/kafka/read/count-records.ts";
import { records } from "../../support/kafka-records.ts";
import { scriptCluster, topicLedBy } from "../../support/scripted-cluster.ts";

const at = { topic: "orders", partition: 0 };
const gzip = await loadPacking("gzip");
const control = 0x30;

/** A batch at `base`, with other attributes than those of its codec where given. */
function batchAt(base: number, count: number, attributes?: number): Buffer {
  const batch = encodeBatch(records(count), { packing: gzip, now: 0 });
  batch.writeBigInt64BE(BigInt(base), 0);
  if (attributes !== undefined) batch.writeInt16BE(attributes, 21);
  return batch;
}

interface Log {
  logStart: number;
  end: number;
  readonly batches: Buffer[];
}

/** Broker 1 gives all batches of the log from the offset on that is asked for. */
function clusterOf(log: Log) {
  return scriptCluster({
    brokers: [1],
    topics: () => [topicLedBy("orders", [1])],
    answer: ({ name, turn }) => {
      const { logStart, end } = log;
      // The start and the end are asked for in turn.
      if (name === "ListOffsets") {
        return [{ ...at, errorCode: 0, offset: turn % 2 === 0 ? logStart : end }];
      }
      const answer = { ...at, errorCode: 0, end, aborted: [], preferredReplica: -1, logStart };
      return [{ ...answer, records: Buffer.concat(log.batches) }];
    },
  });
}

const count = (log: Log, most: number, counter = createRecordCounter("orders")) =>
  counter.count({ cluster: clusterOf(log).cluster, most, signal: new AbortController().signal });

test("counts records without the markers of transactions", async () => {
  const batches = [batchAt(0, 1), batchAt(1, 1, control), batchAt(2, 1), batchAt(3, 1, control)];
  expect(await count({ logStart: 0, end: 4, batches }, 4)).toBe(2);
});

test("stops at the number that is asked for", async () => {
  expect(await count({ logStart: 0, end: 20, batches: [batchAt(0, 20)] }, 7)).toBe(7);
});

test("counts no records that compaction has removed", async () => {
  const compacted = batchAt(0, 2);
  compacted.writeInt32BE(19, 23);
  expect(await count({ logStart: 0, end: 20, batches: [compacted] }, 100)).toBe(2);
});

test("counts only the records of a batch that are left in the log", async () => {
  expect(await count({ logStart: 15, end: 20, batches: [batchAt(0, 20)] }, 100)).toBe(5);
});

test("continues where the last count ended, and restarts when the log was trimmed", async () => {
  const counter = createRecordCounter("orders");
  const log: Log = { logStart: 0, end: 3, batches: [batchAt(0, 3)] };
  expect(await count(log, 100, counter)).toBe(3);
  log.batches.push(batchAt(3, 2));
  log.end = 5;
  expect(await count(log, 100, counter)).toBe(5);
  log.logStart = 4;
  expect(await count(log, 100, counter)).toBe(1);
});
