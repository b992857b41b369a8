import type { Cluster } from "../cluster/cluster.ts";
import { describeTopicConfigs } from "../topics/topic-config.ts";
import type { SourceRecord } from "./encoder.ts";

/**
 * Up to which time, in epoch milliseconds, records of the topic are deleted: now, less `retention.ms`. None
 * are where retention has no limit, the topic is compacted only, or brokers give records their own time.
 * Nor are any counted where the cluster does not show the topic's configuration to this user.
 */
export async function expiryOf(cluster: Cluster, topic: string): Promise<number> {
  const configs = await describeTopicConfigs(cluster, [topic]).catch(() => undefined);
  const config = configs?.get(topic);
  const policy = config?.["cleanup.policy"]?.value ?? "delete";
  const retentionMs = Number(config?.["retention.ms"]?.value ?? -1);
  const isByBroker = config?.["message.timestamp.type"]?.value === "LogAppendTime";
  const isDeleted = policy.includes("delete") && retentionMs >= 0 && !isByBroker;
  return isDeleted ? Date.now() - retentionMs : -Infinity;
}

/** Whether brokers will soon delete a record; one without a time is as old as its batch. */
export function isExpired({ timestamp = Infinity }: SourceRecord, expiry: number): boolean {
  return timestamp >= 0 && timestamp < expiry;
}
