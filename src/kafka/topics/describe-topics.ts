import { setTimeout as sleep } from "node:timers/promises";
import { replicationOf, stateOf, type PartitionState } from "./admin.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { describeTopicsOrFail } from "../read/log-ranges.ts";
import { describeTopicConfigs, type TopicConfig } from "./topic-config.ts";
import { describeLogDirsRequest } from "../wire/admin-requests.ts";
import { noError } from "../wire/error-codes.ts";
import {
  earliestOffset,
  latestOffset,
  listOffsetsRequest,
  type PartitionMetadata,
  type TopicMetadata,
} from "../wire/read-requests.ts";

export interface DescribedPartition {
  readonly partition: number;
  /** -1 when it has none. */
  readonly leader: number;
  readonly replicas: readonly number[];
  readonly isr: readonly number[];
  readonly state: PartitionState;
  /** Undefined when no leader says. */
  readonly logStart: number | undefined;
  readonly end: number | undefined;
  /** What the leader's log takes on disk; undefined when the leader did not say. */
  readonly bytes: number | undefined;
}

export interface DescribedTopic {
  readonly name: string;
  readonly replication: number;
  readonly partitions: readonly DescribedPartition[];
  /** Every key with the value that holds. */
  readonly config: Readonly<Record<string, TopicConfig>>;
}

/**
 * Of all partitions together, without those that did not say; null when none did. Not all offsets need
 * be records: what was compacted away and transaction markers count too.
 */
export function sumOf(partitions: readonly DescribedPartition[]): {
  readonly offsets: number | null;
  readonly bytes: number | null;
} {
  const offsets = partitions.flatMap(({ logStart, end }) =>
    logStart === undefined || end === undefined ? [] : [end - logStart],
  );
  const bytes = partitions.flatMap((one) => one.bytes ?? []);
  const total = (values: readonly number[]): number | null =>
    values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0);
  return { offsets: total(offsets), bytes: total(bytes) };
}

/** A leader that has just changed is found within this time. */
const leaderMs = 1000;
const retryMs = 100;

/**
 * Partitions, offsets, sizes and configuration. What a partition without a leader can't tell is left
 * out, after `patienceMs`. Throws DpError `unknown-topic` with the nearest name.
 */
export async function describeTopics(
  cluster: Cluster,
  names: readonly string[],
  { patienceMs = 0 }: { readonly patienceMs?: number } = {},
): Promise<DescribedTopic[]> {
  if (names.length === 0) return [];
  const { topics, logs } = await findLogs(cluster, names, patienceMs);
  const [configs, sizes] = await Promise.all([
    describeTopicConfigs(cluster, names),
    sizesOf(cluster, topics),
  ]);
  return topics.map(({ name, partitions }) => ({
    name,
    replication: replicationOf(partitions),
    partitions: partitions
      .map((one) => {
        const { partition, leader, replicas, isr } = one;
        const { logStart, end } = logs.get(`${partition} ${name}`) ?? {};
        const bytes = sizes.get(`${leader} ${partition} ${name}`);
        return { partition, leader, replicas, isr, state: stateOf(one), logStart, end, bytes };
      })
      .toSorted((a, b) => a.partition - b.partition),
    config: configs.get(name) ?? {},
  }));
}

interface Log {
  readonly logStart: number;
  readonly end: number;
}

interface FoundLogs {
  readonly topics: readonly TopicMetadata[];
  /** Under `partition topic`; those of which no leader says are left out. */
  readonly logs: ReadonlyMap<string, Log>;
}

async function findLogs(
  cluster: Cluster,
  names: readonly string[],
  patienceMs: number,
): Promise<FoundLogs> {
  const startedAt = performance.now();
  for (;;) {
    const topics = await describeTopicsOrFail(cluster, names);
    const logs = await askLogs(cluster, topics);
    const missing = topics.flatMap(({ name, partitions }) =>
      partitions.filter(({ partition }) => !logs.has(`${partition} ${name}`)),
    );
    const isLed = missing.some(({ leader }) => leader >= 0);
    const limit = isLed ? Math.max(leaderMs, patienceMs) : patienceMs;
    if (missing.length === 0 || performance.now() - startedAt >= limit) return { topics, logs };
    await sleep(retryMs);
  }
}

/** Asks every leader once; what fails is left out. */
async function askLogs(
  cluster: Cluster,
  topics: readonly TopicMetadata[],
): Promise<ReadonlyMap<string, Log>> {
  const led = topics.flatMap(({ name, partitions }) =>
    partitions.map(({ partition, leader }) => ({ topic: name, partition, leader })),
  );
  const leaders = [...new Set(led.map(({ leader }) => leader))].filter((leader) => leader >= 0);
  const logs = new Map<string, Log>();
  await Promise.all(
    leaders.map(async (leader) => {
      const own = led.filter((one) => one.leader === leader);
      const [starts = [], ends = []] = await Promise.all(
        [earliestOffset, latestOffset].map((moment) =>
          cluster.ask(leader, listOffsetsRequest(own, moment), 2000).catch(() => []),
        ),
      );
      const startOf = new Map<string, (typeof starts)[number]>();
      for (const start of starts) startOf.set(`${start.partition} ${start.topic}`, start);
      for (const { topic, partition, offset, errorCode } of ends) {
        const name = `${partition} ${topic}`;
        const start = startOf.get(name);
        if (errorCode !== noError || start?.errorCode !== noError) continue;
        logs.set(name, { logStart: start.offset, end: offset });
      }
    }),
  );
  return logs;
}

/** Bytes on disk under `broker partition topic`. A broker that does not say is left out. */
async function sizesOf(
  cluster: Cluster,
  topics: readonly {
    readonly name: string;
    readonly partitions: readonly Pick<PartitionMetadata, "partition">[];
  }[],
): Promise<Map<string, number>> {
  const wanted = topics.map(({ name, partitions }) => ({
    name,
    partitions: partitions.map(({ partition }) => partition),
  }));
  const sizes = new Map<string, number>();
  await Promise.all(
    cluster.nodes().map(async ({ id }) => {
      const answer = await cluster.ask(id, describeLogDirsRequest(wanted), 2000).catch(() => []);
      for (const { topic, partition, bytes } of answer) {
        sizes.set(`${id} ${partition} ${topic}`, bytes);
      }
    }),
  );
  return sizes;
}
