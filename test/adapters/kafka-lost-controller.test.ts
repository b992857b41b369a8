import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { openCluster, type Cluster } from "../../src/kafka/cluster/cluster.ts";
import { createTopic, listTopics } from "../../src/kafka/topics/admin.ts";
import { alterTopic, planAlteration } from "../../src/kafka/topics/alter-topic.ts";
import { describeTopics, type DescribedTopic } from "../../src/kafka/topics/describe-topics.ts";
import { waitForTopics } from "../../src/kafka/topics/settled.ts";
import { isBrokerRegistered, readKafkaState } from "../../src/zookeeper/znodes.ts";
import { startCluster, type TestCluster } from "../support/kafka-cluster.ts";
import { until } from "../support/until.ts";

let running: TestCluster;
let cluster: Cluster;

beforeAll(async () => {
  running = await startCluster({ brokers: 3, mode: "zookeeper", sessionMs: 3000 });
  cluster = openCluster({ bootstrap: running.addresses });
});

afterAll(async () => {
  cluster?.close();
  await running?.[Symbol.asyncDispose]();
});

async function newTopic(name: string, replication: number): Promise<string> {
  await createTopic(cluster, { name, partitions: 3, replication, config: {} });
  await waitForTopics([{ name, partitions: 3 }], { cluster, timeoutMs: 20_000 });
  return name;
}

async function describeOne(name: string): Promise<DescribedTopic> {
  const [topic] = await describeTopics(cluster, [name]);
  if (topic === undefined) throw new Error(name);
  return topic;
}

test("a killed controller is replaced, and its partitions are under-replicated or offline", async () => {
  const wide = await newTopic("wide", 3);
  const alone = await newTopic("alone", 1);
  const { controllerId: lostId } = await cluster.metadata([]);
  const zookeeper = { address: running.zookeeper ?? { host: "", port: 0 }, chroot: running.chroot };
  const isRegistered = () => isBrokerRegistered({ ...zookeeper, id: lostId });
  expect(await isRegistered()).toBe(true);
  await running.kill(lostId);
  // Its session has not ended yet.
  expect(await isRegistered()).toBe(true);
  // Waits for the next controller.
  await createTopic(cluster, { name: "after", partitions: 1, replication: 2, config: {} });
  await vi.waitFor(async () => expect(await isRegistered()).toBe(false), {
    timeout: 15_000,
    interval: 200,
  });
  const others = [1, 2, 3].filter((id) => id !== lostId);
  const state = await readKafkaState(zookeeper);
  expect(state.brokerIds).toEqual(others);
  expect(others).toContain(state.controllerId);
  await until(async () => {
    const listed = await listTopics(cluster);
    const find = (name: string) => listed.find((topic) => topic.name === name);
    return find(alone)?.offline === 1 && find(wide)?.underReplicated === 3;
  });
  const { partitions } = await describeOne(alone);
  const lost = partitions.find(({ replicas }) => replicas.includes(lostId));
  expect(lost).toMatchObject({ state: "offline", leader: -1 });
  expect([lost?.logStart, lost?.end, lost?.bytes]).toEqual([undefined, undefined, undefined]);
  expect(partitions.filter(({ state: own, end }) => own === "ok" && end === 0)).toHaveLength(2);
  const states = (await describeOne(wide)).partitions.map(({ state: own }) => own);
  expect(states).toEqual(["under-replicated", "under-replicated", "under-replicated"]);
  const plan = await planAlteration(cluster, alone, { edits: [], partitions: 4 });
  const { signal } = new AbortController();
  const changes = await alterTopic(cluster, alone, { plan, dryRun: false, signal });
  expect(changes).toEqual([{ what: "partitions", from: "3", to: "4" }]);
  const tooWide = { name: "too-wide", partitions: 1, replication: 3, config: {} };
  await expect(createTopic(cluster, tooWide)).rejects.toMatchObject({
    why: expect.stringContaining("INVALID_REPLICATION_FACTOR"),
  });
});
