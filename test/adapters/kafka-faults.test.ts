import { createServer } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTopic, deleteTopic, listTopics } from "../../src/kafka/admin.ts";
import { openCluster } from "../../src/kafka/cluster.ts";
import { rangesOf } from "../../src/kafka/log-ranges.ts";
import { produceRecords } from "../../src/kafka/produce.ts";
import { readRecords } from "../../src/kafka/reader.ts";
import { waitForTopics } from "../../src/kafka/settled.ts";
import { startCluster, type TestCluster } from "../support/kafka-cluster.ts";
import { records } from "../support/kafka-records.ts";
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

test.concurrent("a topic that is deleted must end the reading of it", async () => {
  await using running = await startCluster({ brokers: 1, mode: "kraft" });
  const cluster = openCluster({ bootstrap: running.addresses });
  const size = { name: "gone", partitions: 1 };
  await createTopic(cluster, { ...size, replication: 1, config: {} });
  await waitForTopics([size], { cluster, timeoutMs: 20_000 });
  const ranges = await rangesOf({ cluster, topics: ["gone"] });
  const reading = (async () => {
    for await (const _ of readRecords({
      cluster,
      plan: ranges.map((one) => ({ ...one, from: 0 })),
    }));
  })();
  await deleteTopic(cluster, "gone");
  await expect(reading).rejects.toMatchObject({ code: "unknown-topic" });
  cluster.close();
});

describe("three brokers with ZooKeeper", () => {
  let running: TestCluster;

  beforeAll(async () => {
    running = await startCluster({ brokers: 3, mode: "zookeeper", sessionMs: 3000 });
  });

  afterAll(() => running?.[Symbol.asyncDispose]());

  test("a frozen broker must not keep the others from answering", { timeout: 20_000 }, async () => {
    await running.pause(1);
    const cluster = openCluster({ bootstrap: running.addresses });
    expect(await listTopics(cluster)).toEqual([]);
    cluster.close();
    await running.unpause(1);
  });

  test("all partitions must be read on after one leader was killed in the middle", async () => {
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
    const result = await produceRecords({ cluster, topic, records: records(15) });
    expect(result).toMatchObject({ records: 15, failed: 0 });
    await reading;
    // A write that was sent again may be there twice, so there may be more; nothing is missing.
    for (const offsets of seen.values()) expect(offsets).toEqual(offsets.map((_, index) => index));
    expect(notes.join()).toContain("looking for the leader again");
    cluster.close();
  });
});
