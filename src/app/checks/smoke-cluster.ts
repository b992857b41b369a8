import { DpError, messageOf } from "../../errors.ts";
import { createTopic, deleteTopic, listTopics } from "../../kafka/topics/admin.ts";
import { openCluster, type Cluster } from "../../kafka/cluster/cluster.ts";
import { deleteGroup } from "../../kafka/groups/delete.ts";
import { readWithGroup } from "../../kafka/groups/read-with-group.ts";
import { rangesOf } from "../../kafka/read/log-ranges.ts";
import { partitionOfKey } from "../../kafka/produce/partitioner.ts";
import { viewOf } from "../../kafka/cluster/probe.ts";
import { produceRecords } from "../../kafka/produce/produce.ts";
import { describeQuorum } from "../../kafka/cluster/quorum.ts";
import { readRecords } from "../../kafka/read/reader.ts";
import { readStoredBatch } from "../../kafka/read/stored-batch.ts";
import { partitionsAt } from "../../kafka/topics/topic-at.ts";
import type {
  BrokerAnswer,
  CanaryTopic,
  InsideRun,
  ReadRecord,
  Registry,
  Sighting,
  SmokeBroker,
  SmokeCluster,
} from "../../smoke/model.ts";
import type { Address, ObservedContainer } from "../../model/containers.ts";
import { containerBrokerId } from "../../stack/names.ts";
import { publishedAddress, runningBrokers, type FoundStack } from "../stack/running.ts";

const answerMs = 2000;

export interface OpenedSmokeCluster {
  readonly cluster: SmokeCluster;
  /** Ends all connections; whatever waits for an answer fails. */
  close(): void;
}

/**
 * A running stack as the proofs see it. Its connections outlive Ctrl-C, so that what was made can be
 * removed. Throws DpError `not-running` when no broker runs.
 */
export function openSmokeCluster(stack: FoundStack): OpenedSmokeCluster {
  const bootstrap = runningBrokers(stack).map(({ address }) => address);
  const cluster = openCluster({ bootstrap });
  const { containers } = stack.observed;
  const zookeepers = containers.filter(({ kind }) => kind === "zookeeper");
  const zookeeper = zookeepers.find(({ state }) => state === "running") ?? zookeepers[0];
  const brokers = containers.flatMap(brokerOf).toSorted((a, b) => a.id - b.id);
  return {
    close: () => cluster.close(),
    cluster: {
      brokers,
      mode: zookeeper === undefined ? "kraft" : "zookeeper",
      answerOf,
      sightingsOf: (topic) =>
        Promise.all(
          brokers.flatMap((broker) =>
            broker.published === undefined ? [] : [sightingOf(cluster, broker, topic)],
          ),
        ),
      awaitServing: async (topic) => void (await rangesOf({ cluster, topics: [topic] })),
      topicNames: async () => (await listTopics(cluster)).map(({ name }) => name),
      createTopic: (topic) => createCanary(cluster, topic),
      deleteTopic: (name) => deleteIfThere(cluster, name),
      produce: ({ topic, records, acks, codec, signal }) =>
        produceRecords({
          cluster,
          topic,
          acks,
          compression: codec,
          signal,
          records: records.map(({ key, value, partition }) => ({
            key: key === null ? null : Buffer.from(key),
            value: Buffer.from(value),
            headers: [],
            partition,
          })),
        }),
      read: (topic, partition) => readAll(cluster, topic, partition),
      storedBatch: (at) => readStoredBatch(cluster, at),
      partitionOf: (key, partitions) => partitionOfKey(Buffer.from(key), partitions),
      readWithGroup: (options) => readWithGroup({ bootstrap, ...options }),
      deleteGroups: async (groups) => {
        await Promise.all(groups.map((group) => deleteGroup(cluster, group)));
      },
      registry: (signal) => registryOf(zookeeper, signal),
      quorum: async () => {
        const quorum = await describeQuorum(cluster);
        if (quorum === undefined) throw new Error("the brokers know no quorum");
        return { leaderId: quorum.leaderId, voters: quorum.voters.map(({ id }) => id) };
      },
      runInside: (script, limit) => runInBroker({ stack, script, ...limit }),
    },
  };
}

function brokerOf(container: ObservedContainer): SmokeBroker[] {
  const id = containerBrokerId(container);
  if (id === undefined) return [];
  const address = publishedAddress(container);
  const published = address && formatAddress(address);
  return [{ id, service: container.service, published, state: container.state }];
}

function formatAddress({ host, port }: Address): string {
  return `${host}:${port}`;
}

function parseAddress(broker: SmokeBroker): Address {
  const [host = "", port] = broker.published?.split(":") ?? [];
  if (port === undefined) throw new Error(`${broker.service} is ${broker.state}`);
  return { host, port: Number(port) };
}

async function answerOf(broker: SmokeBroker): Promise<BrokerAnswer> {
  const view = await viewOf({ address: parseAddress(broker), timeoutMs: answerMs });
  const own = view.brokers.find(({ id }) => id === broker.id);
  return { advertised: own && formatAddress(own), controllerId: view.controllerId };
}

async function sightingOf(cluster: Cluster, broker: SmokeBroker, topic: string): Promise<Sighting> {
  const said = { brokerId: broker.id, partitions: [], problem: undefined };
  try {
    const address = parseAddress(broker);
    const partitions = await partitionsAt(cluster, { address, topic, timeoutMs: answerMs });
    return { ...said, partitions: partitions ?? [] };
  } catch (error) {
    return { ...said, problem: messageOf(error) };
  }
}

async function createCanary(cluster: Cluster, topic: CanaryTopic): Promise<void> {
  const config = {
    // What the brokers set for other topics must not decide what is proved here.
    "compression.type": "producer",
    "min.insync.replicas": String(topic.replication > 2 ? 2 : 1),
    "cleanup.policy": "delete",
    "retention.ms": "3600000",
  };
  await createTopic(cluster, { ...topic, config });
}

async function deleteIfThere(cluster: Cluster, name: string): Promise<void> {
  try {
    await deleteTopic(cluster, name);
  } catch (error) {
    if (!(error instanceof DpError) || error.code !== "unknown-topic") throw error;
  }
}

async function readAll(
  cluster: Cluster,
  topic: string,
  partition: number | undefined,
): Promise<ReadRecord[]> {
  const partitions = partition === undefined ? undefined : [partition];
  const ranges = await rangesOf({ cluster, topics: [topic], partitions });
  const plan = ranges.map((range) => ({ ...range, from: range.logStart, until: range.end }));
  const records: ReadRecord[] = [];
  for await (const batch of readRecords({ cluster, plan })) {
    for (const record of batch) {
      const { partition, offset, problem, key, value } = record;
      if (problem !== undefined) throw new Error(`partition ${partition} @${offset}: ${problem}`);
      records.push({
        partition,
        offset,
        key: key?.toString() ?? null,
        value: value?.toString() ?? null,
      });
    }
  }
  return records;
}

async function registryOf(
  zookeeper: ObservedContainer | undefined,
  signal: AbortSignal,
): Promise<Registry> {
  const address = zookeeper && publishedAddress(zookeeper);
  if (!address) throw new Error(`${zookeeper?.service} is ${zookeeper?.state}`);
  const { readKafkaState } = await import("../../zookeeper/znodes.ts");
  return readKafkaState({ address, signal });
}

async function runInBroker(options: {
  readonly stack: FoundStack;
  readonly script: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}): Promise<InsideRun> {
  const { stack, script, timeoutMs, signal } = options;
  const [running] = runningBrokers(stack);
  const own = stack.observed.containers.find(({ service }) => service === running?.service);
  if (!own) throw new Error("no broker runs");
  const { runInContainer } = await import("../../docker/exec/exec.ts");
  const container = (await stack.engine.client()).getContainer(own.id);
  const command = ["/bin/sh", "-c", script];
  const result = await runInContainer({ container, command, timeoutMs, signal });
  return { service: own.service, ...result };
}
