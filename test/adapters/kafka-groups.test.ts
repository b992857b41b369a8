import { Kafka, logLevel } from "kafkajs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTopic } from "../../src/kafka/topics/admin.ts";
import { openCluster, type Cluster } from "../../src/kafka/cluster/cluster.ts";
import { oldestUnread } from "../../src/kafka/groups/age.ts";
import { deleteGroup, deleteOffsets } from "../../src/kafka/groups/delete.ts";
import { describeGroups, isActive } from "../../src/kafka/groups/describe.ts";
import { findGroupsOrFail, listGroups } from "../../src/kafka/groups/list.ts";
import { applyReset, planReset, type ResetTo } from "../../src/kafka/groups/reset.ts";
import { lagsOf } from "../../src/kafka/groups/lag.ts";
import { produceRecords } from "../../src/kafka/produce/produce.ts";
import { waitForTopics } from "../../src/kafka/topics/settled.ts";
import type { ClusterAccess } from "../support/kafka-cluster.ts";
import { records } from "../support/kafka-records.ts";
import { sharedCluster } from "../support/shared-clusters.ts";
import { uniqueName } from "../support/unique-name.ts";
import { until } from "../support/until.ts";

const { signal } = new AbortController();

describe.each(["zookeeper", "kraft"] as const)("groups with %s", (mode) => {
  let running: ClusterAccess;
  let cluster: Cluster;

  beforeAll(async () => {
    running = await sharedCluster(mode);
    cluster = openCluster({ bootstrap: running.addresses });
  });

  afterAll(() => cluster?.close());

  /** With `v0` to `v4` in partition 0, a second apart from the given time on. */
  async function newTopic({ partitions = 1, from = 1_790_000_000_000 } = {}): Promise<string> {
    const name = uniqueName("topic");
    await createTopic(cluster, { name, partitions, replication: 1, config: {} });
    await waitForTopics([{ name, partitions }], { cluster, timeoutMs: 20_000 });
    const timed = records(5, { partition: 0 }).map((record, index) => ({
      ...record,
      timestamp: from + index * 1000,
    }));
    await produceRecords({ cluster, topic: name, records: timed });
    return name;
  }

  async function reset(group: string, topic: string, to: ResetTo) {
    const wanted = { group, topics: [topic], partitions: undefined, to, signal };
    const planned = await planReset(cluster, wanted);
    await applyReset(cluster, { group, planned, signal });
    return planned;
  }

  async function found(name: string) {
    const [group] = await describeGroups(
      cluster,
      findGroupsOrFail(await listGroups(cluster), [name]),
    );
    if (group === undefined) throw new Error(name);
    return group;
  }

  async function lags(name: string) {
    const [own = []] = await lagsOf(cluster, { groups: [{ name }], signal });
    return own;
  }

  test("a reset must make a group that is not there, and its lag must follow each reset", async () => {
    const topic = await newTopic({ partitions: 2 });
    const group = `made-${topic}`;
    await reset(group, topic, { kind: "offset", offset: 2 });
    expect(await found(group)).toMatchObject({ state: "Empty", members: [] });
    const made = await lags(group);
    expect(made).toMatchObject([
      { partition: 0, committed: 2, end: 5, lag: 3 },
      // The other log is empty: its end is the nearest.
      { partition: 1, committed: 0, end: 0, lag: 0 },
    ]);
    expect(await oldestUnread(cluster, made)).toEqual([1_790_000_002_000, undefined]);
    expect(await reset(group, topic, { kind: "time", timestamp: 1_790_000_003_500 })).toMatchObject(
      [{ committed: 2, offset: 4, skipped: 2, repeated: 0, clampedFrom: undefined }, {}],
    );
    expect(await reset(group, topic, { kind: "shift", by: -9 })).toMatchObject([
      { committed: 4, offset: 0, skipped: 0, repeated: 4, clampedFrom: -5 },
      { committed: 0, offset: 0, clampedFrom: -9 },
    ]);
    expect((await lags(group))[0]).toMatchObject({ committed: 0, lag: 5 });
  });

  test("an active group must be described with its members, and refused by name", async () => {
    const topic = await newTopic({ partitions: 2 });
    const group = `active-${topic}`;
    const client = new Kafka({
      clientId: "reader",
      brokers: running.bootstrap.split(","),
      logLevel: logLevel.NOTHING,
    });
    const consumer = client.consumer({ groupId: group, maxWaitTimeInMs: 50 });
    try {
      await consumer.connect();
      await consumer.subscribe({ topic, fromBeginning: true });
      await consumer.run({ eachMessage: async () => {} });
      await until(async () => {
        const all = await listGroups(cluster);
        return all.some(({ name }) => name === group) && (await found(group)).state === "Stable";
      });
      const details = await found(group);
      expect(isActive(details)).toBe(true);
      expect(details.members).toMatchObject([
        {
          clientId: "reader",
          partitions: [
            { topic, partition: 0 },
            { topic, partition: 1 },
          ],
        },
      ]);
      const refused = { code: "refused", message: expect.stringContaining(group) };
      await expect(reset(group, topic, { kind: "end" })).rejects.toMatchObject(refused);
      await expect(deleteGroup(cluster, group)).rejects.toMatchObject(refused);
      await reset(`other-${group}`, topic, { kind: "end" });
    } finally {
      await consumer.disconnect();
    }
    await until(async () => !isActive(await found(group)));
    expect(await deleteGroup(cluster, group)).toBe(true);
    expect((await listGroups(cluster)).map(({ name }) => name)).not.toContain(group);
  });

  test("the offsets of one topic must go alone", async () => {
    const [kept, gone] = [await newTopic(), await newTopic()];
    const group = `both-${kept}`;
    await reset(group, kept, { kind: "end" });
    await reset(group, gone, { kind: "end" });
    expect(await deleteOffsets(cluster, { group, topics: [gone] })).toBe(1);
    expect((await lags(group)).map(({ topic }) => topic)).toEqual([kept]);
  });

  test("an unknown group must fail with the nearest name", async () => {
    const topic = await newTopic();
    const group = `known-${topic}`;
    await reset(group, topic, { kind: "start" });
    const typo = group.replace("known", "knwon");
    await expect(found(typo)).rejects.toMatchObject({
      code: "unknown-group",
      next: expect.stringContaining(group),
    });
    expect(await deleteGroup(cluster, typo)).toBe(false);
  });
});

test("a group of the new protocol must be described, refused and set as any other", async () => {
  const running = await sharedCluster("kraft");
  const cluster = openCluster({ bootstrap: running.addresses });
  const topic = uniqueName("read-by-java");
  const group = uniqueName("new-protocol");
  try {
    await createTopic(cluster, { name: topic, partitions: 2, replication: 1, config: {} });
    await waitForTopics([{ name: topic, partitions: 2 }], { cluster, timeoutMs: 20_000 });
    const consumed = running.exec(1, [
      "/opt/kafka/bin/kafka-console-consumer.sh",
      "--bootstrap-server=127.0.0.1:9092",
      `--topic=${topic}`,
      `--group=${group}`,
      "--command-property=group.protocol=consumer",
      "--from-beginning",
      "--max-messages=1",
    ]);
    const look = async () => {
      const listed = (await listGroups(cluster)).filter(({ name }) => name === group);
      return describeGroups(cluster, listed);
    };
    await until(async () => (await look())[0]?.members?.[0]?.partitions.length === 2, 30_000);
    const [active] = await look();
    expect(active).toMatchObject({ type: "consumer", state: "Stable" });
    expect(active?.members).toMatchObject([{ clientId: "console-consumer" }]);
    const to = { kind: "offset", offset: 1 } as const;
    const wanted = { group, topics: [topic], partitions: undefined, to, signal };
    const early = await planReset(cluster, wanted);
    const refused = { code: "refused", message: expect.stringContaining(group) };
    await expect(applyReset(cluster, { group, planned: early, signal })).rejects.toMatchObject(
      refused,
    );
    await expect(deleteGroup(cluster, group)).rejects.toMatchObject(refused);

    await produceRecords({ cluster, topic, records: records(3, { partition: 0 }) });
    expect(await consumed).toBe("v0");
    await until(async () => (await look())[0]?.state === "Empty");
    const planned = await planReset(cluster, wanted);
    await applyReset(cluster, { group, planned, signal });
    const [lags] = await lagsOf(cluster, { groups: [{ name: group }], signal });
    expect(lags).toMatchObject([{ committed: 1, lag: 2 }, { committed: 0 }]);
    expect(await deleteGroup(cluster, group)).toBe(true);
  } finally {
    cluster.close();
  }
});
