import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTopic, deleteTopic } from "../../src/kafka/topics/admin.ts";
import { openCluster, type Cluster } from "../../src/kafka/cluster/cluster.ts";
import { describeTopics } from "../../src/kafka/topics/describe-topics.ts";
import { deleteGroup } from "../../src/kafka/groups/delete.ts";
import { readWithGroup } from "../../src/kafka/groups/read-with-group.ts";
import { lastRecords } from "../../src/kafka/read/last-records.ts";
import { rangesOf } from "../../src/kafka/read/log-ranges.ts";
import type { Start } from "../../src/kafka/read/offsets.ts";
import { checkBrokers } from "../../src/kafka/cluster/probe.ts";
import { produceRecords } from "../../src/kafka/produce/produce.ts";
import { describeQuorum } from "../../src/kafka/cluster/quorum.ts";
import { readRecords } from "../../src/kafka/read/reader.ts";
import { type NewRecord } from "../../src/kafka/records/record.ts";
import { seedTopic } from "../../src/kafka/produce/seed.ts";
import { waitForTopics, warmOffsetsTopic } from "../../src/kafka/topics/settled.ts";
import type { ClusterAccess } from "../support/kafka-cluster.ts";
import { readTopic, records, valueOf } from "../support/kafka-records.ts";
import { sharedCluster } from "../support/shared-clusters.ts";
import { uniqueName } from "../support/unique-name.ts";
import { until } from "../support/until.ts";
import { unusedPort } from "../support/unused-port.ts";

const modes = [
  { mode: "zookeeper", brokers: 3 },
  { mode: "kraft", brokers: 1 },
] as const;

describe.each(modes)("Kafka with $mode", ({ mode, brokers }) => {
  let running: ClusterAccess;
  let cluster: Cluster;

  beforeAll(async () => {
    running = await sharedCluster(mode);
    cluster = openCluster({ bootstrap: running.addresses });
  });

  afterAll(() => cluster?.close());

  async function newTopic(
    partitions = 1,
    config: Record<string, string> = {},
    replication: number = brokers,
  ): Promise<string> {
    const name = uniqueName("topic");
    await createTopic(cluster, { name, partitions, replication, config });
    await waitForTopics([{ name, partitions }], { cluster, timeoutMs: 20_000 });
    return name;
  }

  test("brokers that run must be ready, and a missing one must be named", async () => {
    const expected = running.addresses.map((address, index) => ({
      id: index + 1,
      service: `kafka-${index + 1}`,
      address,
    }));
    // On a busy machine one attempt may take too long.
    await until(async () => (await checkBrokers(expected)).ready);
    const port = await unusedPort();
    const more = { id: 9, service: "kafka-9", address: { host: "127.0.0.1", port } };
    expect(await checkBrokers([...expected, more])).toEqual({
      ready: false,
      waitingFor: expect.stringContaining(`of ${expected.map(({ id }) => id).join(", ")}, 9`),
    });
  });

  test("an unknown topic must fail with the nearest name", { timeout: 10_000 }, async () => {
    const name = await newTopic();
    const typo = name.replace("topic", "tpoic");
    const expected = { code: "unknown-topic", next: expect.stringContaining("topic-") };
    await expect(rangesOf({ cluster, topics: [typo] })).rejects.toMatchObject(expected);
    await expect(
      produceRecords({ cluster, topic: typo, records: records(1) }),
    ).rejects.toMatchObject(expected);
    await expect(deleteTopic(cluster, typo)).rejects.toMatchObject(expected);
  });

  test.each(["none", "gzip"] as const)(
    "records written with %s must come back whole, whatever the acks",
    async (compression) => {
      const topic = await newTopic(1);
      const sent: NewRecord[] = [
        {
          key: Buffer.from("k"),
          value: Buffer.from("ü"),
          headers: [
            { key: "a", value: Buffer.from("1") },
            { key: "b", value: null },
            { key: "a", value: Buffer.from([0xff]) },
          ],
          timestamp: 1_790_000_000_123,
        },
        { key: Buffer.from("k"), value: null, headers: [], timestamp: 1_790_000_000_124 },
        { key: null, value: Buffer.alloc(0), headers: [], timestamp: 1_790_000_000_125 },
      ];
      for (const acks of [0, 1, "all"] as const) {
        const result = await produceRecords({ cluster, topic, records: sent, acks, compression });
        expect(result).toMatchObject({ records: 3, failed: 0, failure: undefined });
        await until(async () => (await readTopic(cluster, topic)).length % 3 === 0);
      }
      await until(async () => (await readTopic(cluster, topic)).length === 9);
      const found = await readTopic(cluster, topic);
      expect(found.map(({ offset }) => offset)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
      for (const [index, record] of found.entries()) {
        const { key, value, headers, timestamp } = sent[index % 3] ?? sent[0]!;
        expect(record).toMatchObject({ key, value, headers, timestamp });
      }
    },
  );

  test.concurrent("keys must go to the partitions that Java's producer chooses", async () => {
    const topic = await newTopic(5);
    const keys = Array.from({ length: 40 }, (_, index) => `key-${index}`);
    await produceRecords({
      cluster,
      topic,
      records: keys.map((key) => ({
        key: Buffer.from(key),
        value: Buffer.from("dp"),
        headers: [],
      })),
    });
    await consoleProduce(running, topic, keys.map((key) => `${key}\tjava`).join("\n"));
    const found = await readTopic(cluster, topic);
    const partitions = (writer: string) =>
      new Map(
        found
          .filter((record) => valueOf(record) === writer)
          .map((record) => [record.key?.toString(), record.partition]),
      );
    expect(partitions("java").size).toBe(40);
    expect(partitions("dp")).toEqual(partitions("java"));
  });

  // The codec is the client's: once with all of them is enough. The keys above are written with none.
  const codecs = mode === "kraft" ? ["gzip", "snappy", "lz4", "zstd"] : ["zstd"];
  test.concurrent.each(codecs)(
    "large batches that Java wrote with %s must be read",
    async (codec) => {
      const topic = await newTopic(1);
      const values = Array.from({ length: 4000 }, (_, index) =>
        JSON.stringify({ id: index, name: `customer ${index * 7919}`, tags: ["a", "b", codec] }),
      );
      const large = ["batch.size=900000", "linger.ms=500"];
      await running.exec(
        1,
        [
          "/opt/kafka/bin/kafka-console-producer.sh",
          "--bootstrap-server=127.0.0.1:9092",
          `--topic=${topic}`,
          `--compression-codec=${codec}`,
          ...large.map((property) => `--producer-property=${property}`),
        ],
        `${values.join("\n")}\n`,
      );
      const found = await readTopic(cluster, topic);
      expect(found.map(valueOf)).toEqual(values);
    },
  );

  test("records without a key must be spread over the partitions", async () => {
    const topic = await newTopic(3);
    await produceRecords({ cluster, topic, records: records(9) });
    const [described] = await describeTopics(cluster, [topic]);
    expect(described?.partitions.map(({ end }) => end)).toEqual([3, 3, 3]);
  });

  test("a record that a broker refuses must count as failed, with its words", async () => {
    const topic = await newTopic(1, { "max.message.bytes": "1000" });
    const big = { key: null, value: Buffer.alloc(5000), headers: [] };
    const result = await produceRecords({ cluster, topic, records: [...records(20), big] });
    expect(result).toMatchObject({ records: 20, failed: 1 });
    expect(result.failure).toContain("MESSAGE_TOO_LARGE");
    expect(await readTopic(cluster, topic)).toHaveLength(20);
  });

  test("the last records of a topic must be merged over its partitions by time", async () => {
    const topic = await newTopic(3);
    const sent = records(30).map((record, index) => ({
      ...record,
      partition: (index * 7) % 3,
      timestamp: 1_790_000_000_000 + index,
    }));
    await produceRecords({ cluster, topic, records: sent });
    const ranges = await rangesOf({ cluster, topics: [topic] });
    const last = await lastRecords({ cluster, ranges, count: 10 });
    expect(last.map(valueOf)).toEqual(sent.slice(20).map(({ value }) => value?.toString()));
    expect(await lastRecords({ cluster, ranges, count: 1000 })).toHaveLength(30);
    expect(await lastRecords({ cluster, ranges, count: 0 })).toEqual([]);
  });

  test("reading must begin where it was asked to", async () => {
    const topic = await newTopic(1);
    const timed = records(10).map((record, index) => ({
      ...record,
      timestamp: 1_790_000_000_000 + index,
    }));
    await produceRecords({ cluster, topic, records: timed });
    const from = async (start: Start) => (await readTopic(cluster, topic, start)).map(valueOf);
    expect(await from({ kind: "offset", offset: 8 })).toEqual(["v8", "v9"]);
    expect(await from({ kind: "from-end", count: 3 })).toEqual(["v7", "v8", "v9"]);
    expect(await from({ kind: "from-start", count: 9 })).toEqual(["v9"]);
    expect(await from({ kind: "time", timestamp: 1_790_000_000_005 })).toHaveLength(5);
    expect(await from({ kind: "time", timestamp: Date.now() + 1e6 })).toEqual([]);
    expect(await from({ kind: "end" })).toEqual([]);
  });

  test("following must bring new records, and end when it is stopped", async () => {
    const topic = await newTopic(1);
    const ranges = await rangesOf({ cluster, topics: [topic] });
    const stop = new AbortController();
    const plan = ranges.map((range) => ({ ...range, from: range.end }));
    const seen: string[] = [];
    setTimeout(() => void produceRecords({ cluster, topic, records: records(3) }), 300);
    for await (const batch of readRecords({ cluster, plan, signal: stop.signal })) {
      seen.push(...batch.map((record) => valueOf(record) ?? ""));
      if (seen.length < 3) continue;
      setTimeout(() => stop.abort(), 50);
    }
    expect(seen).toEqual(["v0", "v1", "v2"]);
  });

  test("a seed must load once, go on after an interruption, and leave other records alone", async () => {
    const folder = await mkdtemp(join(tmpdir(), "seed-"));
    const file = join(folder, "seed.jsonl");
    await writeFile(
      file,
      '{"key":"a","value":"1","timestamp":1000000000000}\r\n{"id":2}\n\n{"id":3}\n',
    );
    try {
      const whole = await newTopic(1);
      const seed = (topic: string) =>
        seedTopic({ cluster, topic, seed: { file, format: undefined } });
      expect(await seed(whole)).toEqual({ kind: "loaded", from: 0, records: 3, expired: 0 });
      expect(await seed(whole)).toEqual({ kind: "complete", records: 3 });
      expect((await readTopic(cluster, whole)).map(valueOf)).toEqual(["1", '{"id":2}', '{"id":3}']);

      const aging = await newTopic(1, { "retention.ms": "604800000" });
      expect(await seed(aging)).toMatchObject({ records: 3, expired: 1 });

      const begun = await newTopic(1);
      const first = { key: Buffer.from("a"), value: Buffer.from("1"), headers: [] };
      await produceRecords({ cluster, topic: begun, records: [first] });
      expect(await seed(begun)).toEqual({ kind: "loaded", from: 1, records: 2, expired: 0 });

      const other = await newTopic(1);
      await produceRecords({ cluster, topic: other, records: records(1) });
      expect(await seed(other)).toMatchObject({ kind: "left-alone" });
      expect(await readTopic(cluster, other)).toHaveLength(1);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test("a group must join, commit, and resume where it was", async () => {
    const topic = await newTopic(2);
    await warmOffsetsTopic({ cluster, group: uniqueName("warm"), timeoutMs: 20_000 });
    await produceRecords({ cluster, topic, records: records(20) });
    const group = `group-${topic}`;
    const take = () =>
      readWithGroup({ bootstrap: running.addresses, topic, group, count: 10, timeoutMs: 30_000 });
    const first = await take();
    const second = await take();
    const seen = [...first.records, ...second.records].map(
      ({ partition, offset }) => `${partition}:${offset}`,
    );
    expect(new Set(seen).size).toBe(20);
    expect(await deleteGroup(cluster, group)).toBe(true);
    const again = await take();
    expect(again.records.some(({ offset }) => offset === 0)).toBe(true);
    expect(await deleteGroup(cluster, group)).toBe(true);
    expect(await deleteGroup(cluster, uniqueName("none"))).toBe(false);
  });

  test("a read that is canceled while it joins its group leaves no member in it", async () => {
    const topic = await newTopic(1);
    const { addresses: bootstrap } = running;
    // A join takes about a tenth of a second on a quiet machine.
    for (let afterMs = 0; afterMs <= 300; afterMs += 25) {
      const group = `canceled-${topic}-${afterMs}`;
      const signal = AbortSignal.timeout(afterMs);
      const read = readWithGroup({ bootstrap, topic, group, count: 1, timeoutMs: 30_000, signal });
      await expect(read).rejects.toMatchObject({ name: "TimeoutError" });
      await deleteGroup(cluster, group);
    }
  });

  test("the quorum must be told with KRaft, and no quorum without", async () => {
    const leaders = { kraft: 1, zookeeper: undefined };
    expect((await describeQuorum(cluster))?.leaderId).toBe(leaders[mode]);
  });
});

async function consoleProduce(running: ClusterAccess, topic: string, lines: string): Promise<void> {
  const command = [
    "/opt/kafka/bin/kafka-console-producer.sh",
    "--bootstrap-server",
    "127.0.0.1:9092",
  ];
  await running.exec(
    1,
    [...command, "--topic", topic, "--property", "parse.key=true"],
    `${lines}\n`,
  );
}
