import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { createTopic } from "../../src/kafka/topics/admin.ts";
import { createKafkaClient } from "../../src/kafka/groups/client.ts";
import { openCluster, type Cluster } from "../../src/kafka/cluster/cluster.ts";
import { createRecordCounter, type RecordCounter } from "../../src/kafka/read/count-records.ts";
import { lastRecords } from "../../src/kafka/read/last-records.ts";
import { rangesOf } from "../../src/kafka/read/log-ranges.ts";
import type { Start } from "../../src/kafka/read/offsets.ts";
import { produceRecords } from "../../src/kafka/produce/produce.ts";
import { readRecords } from "../../src/kafka/read/reader.ts";
import { waitForTopics } from "../../src/kafka/topics/settled.ts";
import type { StoredRecord } from "../../src/kafka/records/stored-record.ts";
import type { ClusterAccess } from "../support/kafka-cluster.ts";
import { readTopic, records, valueOf } from "../support/kafka-records.ts";
import { sharedCluster } from "../support/shared-clusters.ts";
import { uniqueName } from "../support/unique-name.ts";
import { until } from "../support/until.ts";

describe.each(["zookeeper", "kraft"] as const)("gaps in a log with %s", (mode) => {
  let running: ClusterAccess;
  let cluster: Cluster;

  beforeAll(async () => {
    running = await sharedCluster(mode);
    cluster = openCluster({ bootstrap: running.addresses });
  });

  afterAll(() => cluster?.close());

  async function newTopic(config: Record<string, string> = {}): Promise<string> {
    const name = uniqueName("topic");
    await createTopic(cluster, { name, partitions: 1, replication: 1, config });
    await waitForTopics([{ name, partitions: 1 }], { cluster, timeoutMs: 20_000 });
    return name;
  }

  const countTo = (most: number, counter: RecordCounter): Promise<number> =>
    counter.count({ cluster, most, signal: AbortSignal.timeout(20_000) });

  test("deleted records must leave a gap that does not hang the reader", async () => {
    const topic = await newTopic();
    await produceRecords({ cluster, topic, records: records(20) });
    const before = await rangesOf({ cluster, topics: [topic] });
    const counter = createRecordCounter(topic);
    expect(await countTo(7, counter)).toBe(7);
    expect(await countTo(100, counter)).toBe(20);
    // The batch of all 20 records begins before the log does.
    await deleteRecordsBefore(running, topic, 15);
    expect(await countTo(100, counter)).toBe(5);
    const notes: string[] = [];
    const plan = before.map((range) => ({ ...range, from: range.logStart, until: range.end }));
    const found: StoredRecord[] = [];
    const note = (text: string) => void notes.push(text);
    for await (const batch of readRecords({ cluster, plan, note })) found.push(...batch);
    expect(found.map(({ offset }) => offset)).toEqual([15, 16, 17, 18, 19]);
    expect(notes).toEqual([expect.stringContaining("offset 0 is gone, going on at 15")]);

    await deleteRecordsBefore(running, topic, 20);
    expect(await readTopic(cluster, topic)).toEqual([]);
    const ranges = await rangesOf({ cluster, topics: [topic] });
    expect(await lastRecords({ cluster, ranges, count: 5 })).toEqual([]);
  });

  test("compacted records must leave gaps that don't hang the reader", async () => {
    const topic = await newTopic({
      "cleanup.policy": "compact",
      "segment.ms": "100",
      "min.cleanable.dirty.ratio": "0.01",
    });
    const same = Buffer.from("same");
    for (let round = 0; round < 4; round++) {
      await produceRecords({ cluster, topic, records: records(5, { key: same }) });
    }
    // Only what lies in closed segments is compacted, and a write after `segment.ms` closes one.
    await new Promise((resolve) => setTimeout(resolve, 150));
    await produceRecords({ cluster, topic, records: records(1, { key: Buffer.from("other") }) });
    const offsetsFrom = async (start: Start) =>
      (await readTopic(cluster, topic, start)).map(({ offset }) => offset);
    await vi.waitFor(async () => expect(await offsetsFrom({ kind: "start" })).toEqual([19, 20]), {
      timeout: 30_000,
      interval: 200,
    });
    expect(await offsetsFrom({ kind: "offset", offset: 3 })).toEqual([19, 20]);
    expect(await countTo(100, createRecordCounter(topic))).toBe(2);
    const ranges = await rangesOf({ cluster, topics: [topic] });
    const last = await lastRecords({ cluster, ranges, count: 10 });
    expect(last.map(({ offset }) => offset)).toEqual([19, 20]);
  });

  test("markers of transactions must leave gaps that don't hang the reader", async () => {
    const topic = await newTopic();
    await produceRecords({ cluster, topic, records: records(2) });
    const client = await createKafkaClient(running.addresses);
    const producer = client.producer({ transactionalId: topic, maxInFlightRequests: 1 });
    await producer.connect();
    // A cluster that has just started has no transaction coordinator yet.
    await until(() =>
      producer.transaction().then(
        (first) => first.abort().then(() => true),
        () => false,
      ),
    );
    for (const end of ["abort", "commit", "abort"] as const) {
      const transaction = await producer.transaction();
      await transaction.send({ topic, messages: [{ value: end }, { value: end }] });
      await transaction[end]();
    }
    await producer.disconnect();
    // Offsets 4, 7 and 10 hold the markers; the last one is the end of the log.
    await until(async () => (await rangesOf({ cluster, topics: [topic] }))[0]?.end === 11);
    const found = await readTopic(cluster, topic);
    expect(found.map(({ offset }) => offset)).toEqual([0, 1, 2, 3, 5, 6, 8, 9]);
    expect(await readTopic(cluster, topic, { kind: "offset", offset: 10 })).toEqual([]);
    const ranges = await rangesOf({ cluster, topics: [topic] });
    const last = await lastRecords({ cluster, ranges, count: 3 });
    expect(last.map(({ offset }) => offset)).toEqual([6, 8, 9]);

    const readCommitted = true;
    const committed = await rangesOf({ cluster, topics: [topic], readCommitted });
    expect(committed[0]?.end).toBe(11);
    const lastCommitted = { cluster, ranges: committed, count: 3, readCommitted };
    expect((await lastRecords(lastCommitted)).map(({ offset }) => offset)).toEqual([1, 5, 6]);

    // Neither markers nor records of aborted transactions count.
    const counter = createRecordCounter(topic);
    expect(await countTo(100, counter)).toBe(4);
    await produceRecords({ cluster, topic, records: records(3) });
    expect(await countTo(100, counter)).toBe(7);
  });

  test("records of an open transaction must not be read as committed, nor waited for", async () => {
    const topic = await newTopic();
    await produceRecords({ cluster, topic, records: records(2) });
    const client = await createKafkaClient(running.addresses);
    const producer = client.producer({ transactionalId: topic, maxInFlightRequests: 1 });
    await producer.connect();
    const transaction = await producer.transaction();
    await transaction.send({ topic, messages: [{ value: "open" }] });
    await produceRecords({ cluster, topic, records: records(1) });
    const readCommitted = true;
    const committed = async () => {
      const [range] = await rangesOf({ cluster, topics: [topic], readCommitted });
      const plan = range === undefined ? [] : [{ ...range, from: 0, until: range.end }];
      const found: (number | string | undefined)[] = [range?.end];
      for await (const batch of readRecords({ cluster, plan, readCommitted })) {
        found.push(...batch.map(valueOf));
      }
      return found;
    };
    expect(await committed()).toEqual([2, "v0", "v1"]);
    expect((await readTopic(cluster, topic)).map(valueOf)).toEqual(["v0", "v1", "open", "v0"]);
    await transaction.commit();
    await producer.disconnect();
    await until(async () => (await committed()).length === 5);
    expect(await committed()).toEqual([5, "v0", "v1", "open", "v0"]);
  });
});

/** With dp's own request layer: the broker's command takes a second to start. */
async function deleteRecordsBefore(
  running: ClusterAccess,
  topic: string,
  offset: number,
): Promise<void> {
  const cluster = openCluster({ bootstrap: running.addresses });
  const [range] = await rangesOf({ cluster, topics: [topic] });
  await cluster.ask(range?.leader ?? 0, {
    name: "DeleteRecords",
    apiKey: 21,
    apiVersion: 1,
    encode: (body) => {
      body.int32(1).string(topic).int32(1).int32(0).int64(offset).int32(5000);
    },
    decode: () => undefined,
  });
  cluster.close();
}
