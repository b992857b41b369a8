import { createServer } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTopic, deleteTopic, listTopics } from "../../src/kafka/topics/admin.ts";
import { behind } from "../../src/kafka/topics/in-sync.ts";
import { openCluster } from "../../src/kafka/cluster/cluster.ts";
import { listGroups } from "../../src/kafka/groups/list.ts";
import { rangesOf } from "../../src/kafka/read/log-ranges.ts";
import { patience } from "../../src/kafka/connection/patience.ts";
import { sourceRecord } from "../../src/kafka/produce/encoder.ts";
import { produceRecords } from "../../src/kafka/produce/produce.ts";
import { readRecords } from "../../src/kafka/read/reader.ts";
import type { StoredRecord } from "../../src/kafka/records/stored-record.ts";
import { waitForTopics } from "../../src/kafka/topics/settled.ts";
import { startCluster, type TestCluster } from "../support/kafka-cluster.ts";
import { records } from "../support/kafka-records.ts";
import { meetQuota } from "../support/quota.ts";
import { until } from "../support/until.ts";
import { unusedPort } from "../support/unused-port.ts";

test("where nothing listens it must fail and name what to do", { timeout: 10_000 }, async () => {
  const bootstrap = [{ host: "127.0.0.1", port: await unusedPort() }];
  const cluster = openCluster({ bootstrap });
  await expect(listTopics(cluster)).rejects.toMatchObject({
    code: "kafka-failed",
    why: expect.stringContaining("ECONNREFUSED"),
    next: "dp up",
  });
  cluster.close();
});

test.concurrent("a server that never answers must not hang it", { timeout: 20_000 }, async () => {
  const server = createServer(() => {});
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  const cluster = openCluster({ bootstrap: [{ host: "127.0.0.1", port }] });
  await expect(listTopics(cluster)).rejects.toMatchObject({ code: "kafka-failed" });
  cluster.close();
  server.close();
});

// Both wait most of the time: one beside the other, and in each one test after the other.
describe.concurrent("one broker with KRaft", () => {
  let running: TestCluster;

  beforeAll(async () => {
    // Quotas count the bytes of 2 s, not of 10 s.
    const config = ["quota.window.num=3"];
    running = await startCluster({ brokers: 1, mode: "kraft", config });
  });

  afterAll(() => running?.[Symbol.asyncDispose]());

  test.sequential("a topic that is deleted must end the reading", async () => {
    const cluster = openCluster({ bootstrap: running.addresses });
    const size = { name: "gone", partitions: 1 };
    await createTopic(cluster, { ...size, replication: 1, config: {} });
    await waitForTopics([size], { cluster, timeoutMs: 20_000 });
    const ranges = await rangesOf({ cluster, topics: ["gone"] });
    const plan = ranges.map((one) => ({ ...one, from: 0 }));
    const reading = (async () => {
      for await (const _ of readRecords({ cluster, plan }));
    })();
    await deleteTopic(cluster, "gone");
    await expect(reading).rejects.toMatchObject({ code: "unknown-topic" });
    cluster.close();
  });

  test.sequential("a broker that is frozen must end the reading", async () => {
    const cluster = openCluster({ bootstrap: running.addresses });
    const kept = { name: "kept", partitions: 1 };
    await createTopic(cluster, { ...kept, replication: 1, config: {} });
    await waitForTopics([kept], { cluster, timeoutMs: 20_000 });
    const [range] = await rangesOf({ cluster, topics: ["kept"] });
    await running.pause(1);
    const notes: string[] = [];
    const plan = range === undefined ? [] : [{ ...range, from: 0 }];
    const frozen = (async () => {
      for await (const _ of readRecords({ cluster, plan, note: (text) => void notes.push(text) }));
    })();
    await expect(frozen).rejects.toMatchObject({ code: "kafka-failed" });
    expect(notes).toEqual([expect.stringContaining("did not answer Fetch")]);
    await running.unpause(1);
    cluster.close();
  });

  test.sequential("waits for a quota and reports it, reading and writing", async () => {
    // Held back for some 1.5 s: (36 kB - 2 s · 10 kB/s) / 10 kB/s.
    const { writing, reading } = await meetQuota({ running, topic: "limited", bytes: 36_000 });
    const quota = "the quota of client dp limits";
    // On a busy machine a broker may be slow to answer first, which is reported too.
    const reported = writing.filter((note) => note.includes(quota));
    expect(reported).toEqual([expect.stringContaining(`${quota} writing`)]);
    expect(reading.join("\n")).toContain(`${quota} reading`);
  });
});

describe.concurrent("three brokers with ZooKeeper", () => {
  let running: TestCluster;

  beforeAll(async () => {
    running = await startCluster({ brokers: 3, mode: "zookeeper", sessionMs: 3000 });
  });

  afterAll(() => running?.[Symbol.asyncDispose]());

  test.sequential("what the brokers tell must not wait behind a write that waits for a frozen follower", async () => {
    const cluster = openCluster({ bootstrap: running.addresses });
    const size = { name: "followed", partitions: 3 };
    await createTopic(cluster, { ...size, replication: 3, config: {} });
    await waitForTopics([size], { cluster, timeoutMs: 20_000 });
    const ranges = await rangesOf({ cluster, topics: [size.name] });
    const frozen = ranges[0]?.leader ?? 0;
    const others = ranges.filter(({ leader }) => leader !== frozen);
    const to = (partition: number) => ({ ...sourceRecord(records(1)[0]!), partition });
    let written = 0;
    let isTaken = false;
    async function* given() {
      yield [to(0)];
      await until(async () => written > 0);
      await running.pause(frozen);
      yield others.map(({ partition }) => to(partition));
      isTaken = true;
    }
    const producing = produceRecords({
      cluster,
      topic: size.name,
      records: given(),
      progress: ({ records: count }) => (written = count),
    });
    // The next writes are under way.
    await until(async () => isTaken);
    await cluster.metadata([size.name]);
    expect(written).toBe(1);
    await running.unpause(frozen);
    expect(await producing).toMatchObject({ records: 1 + others.length, failed: 0 });
    const isWhole = async () => behind((await cluster.metadata([size.name])).topics) === undefined;
    await until(isWhole, 40_000);
    cluster.close();
  });

  test.sequential("all partitions must be read on after one leader was killed in the middle", async () => {
    const cluster = openCluster({ bootstrap: running.addresses });
    const topic = "killed";
    const size = { name: topic, partitions: 3 };
    await createTopic(cluster, { ...size, replication: 3, config: {} });
    await waitForTopics([size], { cluster, timeoutMs: 20_000 });
    const ranges = await rangesOf({ cluster, topics: [topic] });
    const seen = new Map<number, number[]>([0, 1, 2].map((partition) => [partition, []]));
    const allHave = (count: number) => [...seen.values()].every(({ length }) => length >= count);
    const notes: string[] = [];
    const stop = new AbortController();
    const plan = ranges.map((range) => ({ ...range, from: 0 }));
    const reading = (async () => {
      const note = (text: string) => void notes.push(text);
      for await (const batch of readRecords({ cluster, plan, signal: stop.signal, note })) {
        for (const { partition, offset } of batch) seen.get(partition)?.push(offset);
        if (allHave(10)) stop.abort();
      }
    })();
    await produceRecords({ cluster, topic, records: records(15) });
    await until(async () => allHave(5));
    await running.kill(ranges[0]?.leader ?? 0);
    // Commands begin in such a moment too, with less patience than the session that has to end.
    const begun = openCluster({ bootstrap: running.addresses, patienceMs: patience.commandMs });
    expect(await rangesOf({ cluster: begun, topics: [topic] })).toHaveLength(3);
    expect(await listGroups(begun)).toEqual([]);
    begun.close();
    const result = await produceRecords({ cluster, topic, records: records(15) });
    expect(result).toMatchObject({ records: 15, failed: 0 });
    await reading;
    for (const offsets of seen.values()) expect(offsets).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(notes.join()).toContain("looking for the leader again");
    cluster.close();
  });

  test.sequential("another replica must be read while a leader is frozen", async () => {
    const cluster = openCluster({ bootstrap: running.addresses });
    const size = { name: "frozen", partitions: 1 };
    await createTopic(cluster, { ...size, replication: 2, config: {} });
    await waitForTopics([size], { cluster, timeoutMs: 20_000 });
    await produceRecords({ cluster, topic: "frozen", records: records(10) });
    const [range] = await rangesOf({ cluster, topics: ["frozen"] });
    const plan = range === undefined ? [] : [{ ...range, from: 0, until: range.end }];
    await running.pause(range?.leader ?? 0);
    const notes: string[] = [];
    const read: StoredRecord[] = [];
    const note = (text: string) => void notes.push(text);
    for await (const batch of readRecords({ cluster, plan, note })) read.push(...batch);
    await running.unpause(range?.leader ?? 0);
    // Its session may have ended, and what it knows is old until it is back.
    const back = { name: "back", replication: 2, partitions: 1, config: {} };
    await until(() =>
      createTopic(cluster, back).then(
        () => true,
        () => false,
      ),
    );
    await waitForTopics([back], { cluster, timeoutMs: 20_000 });
    expect(read).toHaveLength(10);
    expect(notes[0]).toContain("did not answer Fetch");
    cluster.close();
  });

  test.sequential("a frozen broker must not keep the others from answering, and be named for what only it has", async () => {
    const { commandMs: patienceMs } = patience;
    const cluster = openCluster({ bootstrap: running.addresses, patienceMs });
    const topic = "alone";
    await createTopic(cluster, { name: topic, partitions: 1, replication: 1, config: {} });
    await waitForTopics([{ name: topic, partitions: 1 }], { cluster, timeoutMs: 20_000 });
    const [{ leader } = { leader: 0 }] = await rangesOf({ cluster, topics: [topic] });
    await running.pause(leader);
    const other = openCluster({ bootstrap: running.addresses, patienceMs });
    expect((await listTopics(other)).map(({ name }) => name)).toContain(topic);
    // Another replica could have become the leader when its session has ended.
    await expect(rangesOf({ cluster: other, topics: [topic] })).rejects.toMatchObject({
      code: "kafka-failed",
      why: `alone partition 0 has no leader: of its replicas, broker ${leader} does not run`,
    });
    cluster.close();
    other.close();
  });
});
