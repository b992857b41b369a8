import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  createTopic,
  createTopics,
  deleteTopic,
  deleteTopics,
  listTopics,
} from "../../src/kafka/topics/admin.ts";
import { alterTopic, planAlteration, type TopicWish } from "../../src/kafka/topics/alter-topic.ts";
import { applyTopics, bringTopics } from "../../src/kafka/topics/apply-topics.ts";
import { openCluster, type Cluster } from "../../src/kafka/cluster/cluster.ts";
import { describeTopics, type DescribedTopic } from "../../src/kafka/topics/describe-topics.ts";
import { parseStart } from "../../src/kafka/read/offsets.ts";
import { produceRecords } from "../../src/kafka/produce/produce.ts";
import { waitForTopics, waitUntilGone } from "../../src/kafka/topics/settled.ts";
import { planTrim, trimTopic } from "../../src/kafka/topics/trim.ts";
import { metadataRequest } from "../../src/kafka/protocol/read-requests.ts";
import type { ClusterAccess } from "../support/kafka-cluster.ts";
import { readTopic, records, valueOf } from "../support/kafka-records.ts";
import { sharedCluster } from "../support/shared-clusters.ts";
import { uniqueName } from "../support/unique-name.ts";

const modes = [
  { mode: "zookeeper", brokers: 3 },
  { mode: "kraft", brokers: 1 },
] as const;

const { signal } = new AbortController();
const now = 1_790_000_000_000;

async function describeOne(cluster: Cluster, name: string): Promise<DescribedTopic> {
  const [topic] = await describeTopics(cluster, [name]);
  if (topic === undefined) throw new Error(name);
  return topic;
}

async function alterTo(options: {
  cluster: Cluster;
  topic: string;
  wish: TopicWish;
  dryRun?: boolean;
}) {
  const { cluster, topic, wish, dryRun = false } = options;
  const plan = await planAlteration(cluster, topic, wish);
  const changes = await alterTopic(cluster, topic, { plan, dryRun, signal });
  return { changes, warnings: plan.warnings };
}

async function trimTo(options: {
  cluster: Cluster;
  topic: string;
  offset: string;
  partitions?: readonly number[] | undefined;
}) {
  const { cluster, topic, offset, partitions } = options;
  const start = parseStart(offset, now);
  const plan = await planTrim({ cluster, topic, start, partitions, signal });
  return { plan, ...(await trimTopic({ cluster, topic, plan, signal })) };
}

describe.each(modes)("topics with $mode", ({ mode, brokers }) => {
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

  const described = (name: string) => describeOne(cluster, name);

  async function ownConfig(name: string): Promise<Record<string, string | null>> {
    const { config } = await described(name);
    const own = Object.entries(config).filter(([, { source }]) => source === "topic");
    return Object.fromEntries(own.map(([key, { value }]) => [key, value]));
  }

  test("writes with acks all where fewer replicas exist than min.insync.replicas", async () => {
    const topic = await newTopic(1, { "min.insync.replicas": "3" }, 1);
    const produced = await produceRecords({ cluster, topic, records: records(1), acks: "all" });
    expect(produced).toMatchObject({ records: 1, failed: 0 });
  });

  test("a created topic must be on every broker, a deleted one on none", async () => {
    const name = await newTopic(3, { "retention.ms": "123456" });
    const seenBy = async (id: number) =>
      (await cluster.ask(id, metadataRequest([name]))).topics[0]?.partitions;
    for (const { id } of cluster.nodes()) expect(await seenBy(id)).toHaveLength(3);
    const { replication, partitions } = await described(name);
    expect(replication).toBe(brokers);
    expect(partitions).toMatchObject(
      [0, 1, 2].map((partition) => ({ partition, state: "ok", logStart: 0, end: 0, bytes: 0 })),
    );
    expect(await ownConfig(name)).toEqual({ "retention.ms": "123456" });
    const counts = { partitions: 3, replication: brokers, offline: 0, underReplicated: 0 };
    expect(await listTopics(cluster)).toContainEqual({ name, internal: false, ...counts });
    await deleteTopic(cluster, name);
    await waitUntilGone(name, { cluster, timeoutMs: 20_000 });
    for (const { id } of cluster.nodes()) expect(await seenBy(id)).toEqual([]);
  });

  test("of several topics those that can be must be created, and the others told apart", async () => {
    const there = await newTopic();
    const fresh = uniqueName("topic");
    const settings = { partitions: 1, replication: 1, config: {} };
    const wanted = [there, fresh, "not/valid"].map((name) => ({ name, ...settings }));
    const asked = await createTopics(cluster, wanted, { validateOnly: true });
    expect(asked).toMatchObject({ created: [fresh], existing: [there] });
    expect((await listTopics(cluster)).map(({ name }) => name)).not.toContain(fresh);
    const { created, existing, failures } = await createTopics(cluster, wanted);
    expect({ created, existing }).toEqual({ created: [fresh], existing: [there] });
    expect(failures).toMatchObject([
      {
        message: 'topic "not/valid" was not created',
        why: expect.stringContaining("INVALID_TOPIC_EXCEPTION"),
        next: expect.stringContaining("249"),
      },
    ]);
    await expect(createTopic(cluster, { name: there, ...settings })).rejects.toMatchObject({
      message: `topic "${there}" exists already`,
    });
  });

  test.each([
    [{ replication: 9 }, "INVALID_REPLICATION_FACTOR", "-r takes at most the number of brokers"],
    [{ config: { "retention.ms": "soon" } }, "INVALID_CONFIG", "dp topic describe TOPIC --all"],
    [{ config: { "retention.mss": "1" } }, "INVALID_CONFIG", "dp topic describe TOPIC --all"],
  ])(
    "a refused %j must be told in the broker's words with what to do",
    async (wrong, why, next) => {
      const topic = { name: "refused", partitions: 1, replication: 1, config: {}, ...wrong };
      await expect(createTopic(cluster, topic)).rejects.toMatchObject({
        message: 'topic "refused" was not created',
        why: expect.stringContaining(why),
        next: expect.stringContaining(next),
      });
    },
  );

  test("an unknown topic among those to delete must leave the others", async () => {
    const name = await newTopic();
    const typo = name.replace("topic", "tpoic");
    const unknown = { code: "unknown-topic", next: `did you mean "${name}"?` };
    await expect(deleteTopics(cluster, [name, typo])).rejects.toMatchObject(unknown);
    await expect(describeTopics(cluster, [typo])).rejects.toMatchObject(unknown);
    expect((await listTopics(cluster)).map((topic) => topic.name)).toContain(name);
  });

  const alter = (topic: string, wish: TopicWish, dryRun = false) =>
    alterTo({ cluster, topic, wish, dryRun });

  test("several keys must be set and deleted at once, and the others stay", async () => {
    const name = await newTopic(1, { "retention.ms": "5000", "segment.ms": "60000" });
    const edits = [
      { kind: "set", key: "max.message.bytes", value: "2000" },
      { kind: "set", key: "segment.ms", value: "60000" },
      { kind: "delete", key: "retention.ms" },
    ] as const;
    const wish = { edits, partitions: undefined };
    const set = { what: "max.message.bytes", from: "1048588", to: "2000" };
    const deleted = { what: "retention.ms", from: "5000" };
    expect((await alter(name, wish, true)).changes).toEqual([set, { ...deleted, to: null }]);
    expect(await ownConfig(name)).toEqual({ "retention.ms": "5000", "segment.ms": "60000" });
    const changes = [set, { ...deleted, to: "-1" }];
    expect(await alter(name, wish)).toEqual({ changes, warnings: [] });
    expect(await ownConfig(name)).toEqual({ "max.message.bytes": "2000", "segment.ms": "60000" });
    expect((await alter(name, wish)).changes).toEqual([]);
  });

  test("an unknown key and a bad value must be refused and change nothing", async () => {
    const name = await newTopic(1, { "retention.ms": "5000" });
    const wish = (key: string, value: string): TopicWish => ({
      edits: [
        { kind: "set", key: "segment.ms", value: "60000" },
        { kind: "set", key, value },
      ],
      partitions: 2,
    });
    await expect(alter(name, wish("retntion.ms", "1"))).rejects.toMatchObject({
      message: 'topics have no config "retntion.ms"',
      next: 'did you mean "retention.ms"?',
    });
    await expect(alter(name, wish("cleanup.policy", "keep"))).rejects.toMatchObject({
      why: expect.stringContaining("INVALID_CONFIG"),
    });
    expect(await ownConfig(name)).toEqual({ "retention.ms": "5000" });
    expect((await described(name)).partitions).toHaveLength(1);
  });

  test("partitions must only grow, with a warning when there are records", async () => {
    const name = await newTopic(2);
    const to = (partitions: number): TopicWish => ({ edits: [], partitions });
    expect(await alter(name, to(3))).toMatchObject({
      changes: [{ what: "partitions", from: "2", to: "3" }],
      warnings: [],
    });
    await produceRecords({ cluster, topic: name, records: records(1) });
    expect((await alter(name, to(4), true)).warnings).toEqual([
      expect.stringContaining("keys move"),
    ]);
    expect((await described(name)).partitions).toHaveLength(3);
    expect((await alter(name, to(3))).changes).toEqual([]);
    await expect(alter(name, to(2))).rejects.toMatchObject({
      code: "refused",
      why: "Kafka can't take partitions from a topic",
    });
  });

  const trim = (topic: string, offset: string, partitions?: readonly number[]) =>
    trimTo({ cluster, topic, offset, partitions });

  test("a trim must take what is before an offset or a time, and nothing else", async () => {
    const topic = await newTopic(2);
    const sent = [0, 1].flatMap((partition) =>
      records(10, { partition }).map((record, index) => {
        return { ...record, timestamp: now + index * 1000 };
      }),
    );
    await produceRecords({ cluster, topic, records: sent });
    await expect(trim(topic, "100")).rejects.toMatchObject({
      code: "usage",
      message: `partition 0 of ${topic} ends at offset 10`,
    });
    const offset = await trim(topic, "3", [1]);
    expect(offset.plan).toEqual([{ partition: 1, logStart: 0, end: 10, before: 3 }]);
    expect(offset.logStarts).toEqual(new Map([[1, 3]]));
    expect(
      (await readTopic(cluster, topic)).filter(({ partition }) => partition === 1),
    ).toHaveLength(7);
    const timed = await planTrim({
      cluster,
      topic,
      partitions: undefined,
      signal,
      start: parseStart("@+5s", now),
    });
    expect(timed.map(({ before }) => before)).toEqual([5, 5]);
    expect((await trim(topic, "-2")).plan.map(({ logStart }) => logStart)).toEqual([0, 3]);
    const left = (await readTopic(cluster, topic)).map(valueOf);
    expect(left).toHaveLength(4);
    expect(new Set(left)).toEqual(new Set(["v8", "v9"]));
    const { partitions } = await described(topic);
    expect(partitions).toMatchObject([
      { logStart: 8, end: 10 },
      { logStart: 8, end: 10 },
    ]);
  });

  test("a topic that is only compacted must not be trimmed, in the broker's words", async () => {
    const topic = await newTopic(1, { "cleanup.policy": "compact" });
    const keyed = records(3, { key: Buffer.from("k") });
    await produceRecords({ cluster, topic, records: keyed });
    const { failures } = await trim(topic, "end");
    expect(failures).toMatchObject([
      {
        message: `topic "${topic}" partition 0 was not trimmed`,
        why: expect.stringContaining("POLICY_VIOLATION"),
        next: expect.stringContaining("cleanup.policy=compact,delete"),
      },
    ]);
    expect(await readTopic(cluster, topic)).toHaveLength(3);
  });

  test("topics must become what the file says, and stay so", async () => {
    const name = uniqueName("topic");
    const settings = (partitions: number, retention: string) => ({
      name,
      partitions,
      replication: 1,
      config: { "retention.ms": retention },
      written: { partitions, replication: undefined },
      seed: undefined,
    });
    const bring = async (wanted: ReturnType<typeof settings>) => {
      const changes = await bringTopics({
        cluster,
        wanted: [wanted],
        waitFor: "added",
        timeoutMs: 20_000,
      });
      return changes.map(({ kind }) => kind);
    };
    expect(await bring(settings(1, "1000000"))).toEqual(["create"]);
    expect(await bring(settings(1, "1000000"))).toEqual([]);
    expect(await bring(settings(3, "2000000"))).toEqual(["add-partitions", "set-config"]);
    expect(await bring(settings(3, "2000000"))).toEqual([]);
    expect(await bring(settings(3, "1000"))).toEqual(["refused"]);
    await produceRecords({ cluster, topic: name, records: records(1) });
    expect(await bring(settings(4, "2000000"))).toEqual(["refused"]);
    const deletion = { kind: "delete", topic: name, cause: "the file does not name it" } as const;
    await applyTopics({ cluster, changes: [deletion], validateOnly: true });
    expect((await described(name)).partitions).toHaveLength(3);
    await applyTopics({ cluster, changes: [deletion] });
    expect((await listTopics(cluster)).map((topic) => topic.name)).not.toContain(name);
  });
});

test("what is not allowed must be told with the right that is missing", async () => {
  const running = await sharedCluster("kraft");
  const cluster = openCluster({ bootstrap: running.addresses });
  const topic = uniqueName("topic");
  await createTopic(cluster, { name: topic, partitions: 1, replication: 1, config: {} });
  await waitForTopics([{ name: topic, partitions: 1 }], { cluster, timeoutMs: 20_000 });
  // A topic that has a rule allows nothing else.
  const rule = ["--add", "--allow-principal=User:ANONYMOUS", `--topic=${topic}`];
  const rights = ["Read", "Write", "DescribeConfigs"].map((right) => `--operation=${right}`);
  const acls = ["/opt/kafka/bin/kafka-acls.sh", "--bootstrap-server=127.0.0.1:9092"];
  await running.exec(1, [...acls, ...rule, ...rights]);
  const forbidden = (right: string) => ({
    why: expect.stringContaining("TOPIC_AUTHORIZATION_FAILED"),
    next: expect.stringContaining(`the user needs ${right} on topic ${topic}`),
  });
  const edits = [{ kind: "set", key: "retention.ms", value: "1" }] as const;
  const set = alterTo({ cluster, topic, wish: { edits, partitions: undefined } });
  await expect(set).rejects.toMatchObject(forbidden("AlterConfigs"));
  const grow = alterTo({ cluster, topic, wish: { edits: [], partitions: 2 } });
  await expect(grow).rejects.toMatchObject(forbidden("Alter"));
  const { failures } = await trimTo({ cluster, topic, offset: "end" });
  expect(failures).toMatchObject([forbidden("Delete")]);
  cluster.close();
});
