import { ConfigResourceTypes, Kafka, logLevel } from "kafkajs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { electLeaders } from "../../src/commands/topic/elect/elect.ts";
import { planMoves } from "../../src/commands/topic/reassign/plan-moves.ts";
import { createTopic } from "../../src/kafka/topics/admin.ts";
import { openCluster, type Cluster } from "../../src/kafka/cluster/cluster.ts";
import { drainBrokers } from "../../src/kafka/topics/drain.ts";
import { findPlacements } from "../../src/kafka/topics/placements.ts";
import {
  awaitReassignments,
  cancelReassignments,
  listReassignments,
  startReassignments,
} from "../../src/kafka/topics/reassign.ts";
import { produceRecords } from "../../src/kafka/produce/produce.ts";
import { waitForTopics, warmOffsetsTopic } from "../../src/kafka/topics/settled.ts";
import { alterTopicConfig } from "../../src/kafka/topics/topic-config.ts";
import { startCluster, type TestCluster } from "../support/kafka-cluster.ts";
import { until } from "../support/until.ts";

const { signal } = new AbortController();
const spread = { kind: "spread", replication: undefined, off: [], balance: false } as const;
const nobody = (): void => {};

describe.each(["zookeeper", "kraft"] as const)("replicas with %s", (mode) => {
  let running: TestCluster;
  let cluster: Cluster;

  beforeAll(async () => {
    // With ZooKeeper the controller looks for leaders to give back in its fifth second, too.
    const config = ["auto.leader.rebalance.enable=false"];
    running = await startCluster({ brokers: 3, mode, config });
    cluster = openCluster({ bootstrap: running.addresses });
  });

  afterAll(async () => {
    cluster?.close();
    await running?.[Symbol.asyncDispose]();
  });

  /** Made on one broker first: which one the cluster takes is its own affair. */
  async function newTopic(name: string, placed: readonly (readonly number[])[]): Promise<void> {
    await createTopic(cluster, { name, partitions: placed.length, replication: 1, config: {} });
    await waitForTopics([{ name, partitions: placed.length }], { cluster, timeoutMs: 20_000 });
    await move(name, placed);
  }

  async function move(topic: string, placed: readonly (readonly number[])[]): Promise<void> {
    const replicas = new Map(placed.map((ids, partition) => [partition, ids]));
    const moves = await planMoves(cluster, { kind: "explicit", topic, replicas }, [topic]);
    await startReassignments(cluster, moves);
    await awaitReassignments({ cluster, partitions: moves, signal, told: nobody });
  }

  async function replicasOf(topic: string): Promise<(readonly number[])[]> {
    const found = (await findPlacements(cluster)).find((one) => one.topic === topic);
    const partitions = found?.partitions ?? [];
    return partitions
      .toSorted((a, b) => a.partition - b.partition)
      .map(({ replicas }) => replicas.toSorted((a, b) => a - b));
  }

  test("replicas must arrive where they were moved, with how many are left told", async () => {
    await newTopic("moved", [[1], [2]]);
    const wish = { ...spread, replication: 2 };
    const moves = await planMoves(cluster, wish, ["moved"]);
    const left: number[] = [];
    await startReassignments(cluster, moves);
    await awaitReassignments({ cluster, partitions: moves, signal, told: (one) => left.push(one) });
    expect(left.at(-1)).toBe(0);
    expect((await replicasOf("moved")).map(({ length }) => length)).toEqual([2, 2]);
    await waitForTopics([{ name: "moved", partitions: 2 }], { cluster, timeoutMs: 20_000 });
    expect(await planMoves(cluster, wish, ["moved"])).toEqual([]);
  });

  test("preferred leaders must be elected, and one that leads already is no failure", async () => {
    await newTopic("led", [
      [1, 2],
      [2, 1],
    ]);
    const outcomes = async (): Promise<string[]> =>
      (await electLeaders(cluster, ["led"])).map(({ outcome }) => outcome);
    await until(async () => (await outcomes()).every((outcome) => outcome === "already"));
    // The leader stays where it is among the replicas, but another one is preferred.
    await move("led", [
      [2, 1],
      [2, 1],
    ]);
    expect(await outcomes()).toEqual(["elected", "already"]);
    await until(async () => {
      const { topics } = await cluster.metadata(["led"]);
      return topics[0]?.partitions.every(({ leader }) => leader === 2) ?? false;
    });
  });

  test("a reassignment that takes its time must be shown, and be taken back", async () => {
    await newTopic("slow", [[1]]);
    await throttle("slow", 3);
    const value = Buffer.alloc(500_000);
    const sent = Array.from({ length: 5 }, () => ({ key: null, value, headers: [] }));
    await produceRecords({ cluster, topic: "slow", records: sent });
    await startReassignments(cluster, [{ topic: "slow", partition: 0, replicas: [3] }]);
    const ongoing = await listReassignments(cluster);
    expect(ongoing).toEqual([
      { topic: "slow", partition: 0, replicas: [3, 1], adding: [3], removing: [1] },
    ]);
    await cancelReassignments(cluster, ongoing, signal);
    expect(await listReassignments(cluster)).toEqual([]);
    expect(await replicasOf("slow")).toEqual([[1]]);
  });

  /** After its first fetch of a megabyte the broker copies next to nothing. */
  async function throttle(topic: string, broker: number): Promise<void> {
    const key = "follower.replication.throttled.replicas";
    await alterTopicConfig(cluster, topic, { edits: [{ kind: "set", key, value: "*" }] });
    const client = new Kafka({
      brokers: running.bootstrap.split(","),
      logLevel: logLevel.NOTHING,
    });
    const admin = client.admin();
    await admin.connect();
    const rate = { name: "follower.replication.throttled.rate", value: "1" };
    const type = ConfigResourceTypes.BROKER;
    const resources = [{ type, name: String(broker), configEntries: [rate] }];
    await admin.alterConfigs({ validateOnly: false, resources });
    await admin.disconnect();
  }

  test("what can't be must be refused before anything moves", async () => {
    await newTopic("kept", [[1, 2, 3]]);
    const refusal = (wish: Parameters<typeof planMoves>[1]): Promise<unknown> =>
      planMoves(cluster, wish, ["kept"]).catch((thrown: unknown) => thrown);
    const explicit = { kind: "explicit", topic: "kept" } as const;
    expect(await refusal({ ...spread, off: [9] })).toMatchObject({ code: "usage" });
    expect(await refusal({ ...explicit, replicas: new Map([[7, [1]]]) })).toMatchObject({
      message: 'topic "kept" has no partition 7',
    });
    expect(await refusal({ ...explicit, replicas: new Map([[0, [4]]]) })).toMatchObject({
      message: "there is no broker 4 that runs",
    });
    expect(await refusal({ ...spread, off: [3] })).toMatchObject({
      code: "refused",
      next: "dp topic reassign kept -r 2 --off 3",
    });
    expect(await replicasOf("kept")).toEqual([[1, 2, 3]]);
    const leaving = { cluster, leaving: [3], staying: [1, 2], signal, told: nobody };
    await expect(drainBrokers(leaving)).rejects.toMatchObject({
      code: "refused",
      next: "dp topic reassign kept -r 2, then dp up",
    });
    await move("kept", [[1, 2]]);
  });

  test("a drained broker must hold nothing, and Kafka's own topics have a replica less", async () => {
    await newTopic("alone", [[3], [3], [3]]);
    await warmOffsetsTopic({ cluster, timeoutMs: 20_000, group: "some" });
    await until(async () => (await replicasOf("__consumer_offsets")).length === 5);
    await drainBrokers({ cluster, leaving: [3], staying: [1, 2], signal, told: nobody });
    const placed = await findPlacements(cluster);
    const held = placed.flatMap(({ partitions }) => partitions.flatMap(({ replicas }) => replicas));
    expect(held).not.toContain(3);
    expect(new Set((await replicasOf("alone")).flat())).toEqual(new Set([1, 2]));
    expect((await replicasOf("__consumer_offsets"))[0]).toEqual([1, 2]);
  });
});
