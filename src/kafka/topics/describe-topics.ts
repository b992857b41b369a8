import { replicationOf, stateOf, type PartitionState } from "./admin.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { describeTopicConfigs, type TopicConfig } from "./topic-config.ts";
import { findTopicLogs, type OfflinePartitions } from "./topic-logs.ts";

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

/**
 * Partitions, offsets, sizes and configuration. What no leader reports is left out, see findTopicLogs.
 * Throws DpError `unknown-topic` with the nearest name.
 */
export async function describeTopics(
  cluster: Cluster,
  names: readonly string[],
  { offline = "report" }: { readonly offline?: OfflinePartitions } = {},
): Promise<DescribedTopic[]> {
  if (names.length === 0) return [];
  const logs = await findTopicLogs(cluster, names, offline);
  const configs = await describeTopicConfigs(cluster, names);
  return logs.topics.map(({ name, partitions }) => ({
    name,
    replication: replicationOf(partitions),
    partitions: partitions
      .map((one) => {
        const { partition, leader, replicas, isr } = one;
        const { logStart, end, bytes } = logs.find({ topic: name, partition }) ?? {};
        return { partition, leader, replicas, isr, state: stateOf(one), logStart, end, bytes };
      })
      .toSorted((a, b) => a.partition - b.partition),
    config: configs.get(name) ?? {},
  }));
}
