import type { TopicSettings } from "../stack/settings.ts";
import type { DescribedTopic } from "./admin.ts";

/** One thing to do so that the topics are as the file says, or why it is not done. */
export type TopicChange =
  | {
      readonly kind: "create";
      readonly topic: string;
      readonly partitions: number;
      readonly replication: number;
      readonly config: Readonly<Record<string, string>>;
      readonly cause: string;
    }
  | {
      readonly kind: "set-config";
      readonly topic: string;
      readonly key: string;
      readonly value: string;
      readonly cause: string;
    }
  | {
      readonly kind: "add-partitions";
      readonly topic: string;
      /** The new number of all of them. */
      readonly partitions: number;
      readonly cause: string;
    }
  | {
      readonly kind: "refused";
      readonly topic: string;
      /** What the file asks for, e.g. `retention.ms 604800000 → 1000`. */
      readonly cause: string;
      readonly why: string;
      readonly next: string;
    };

/**
 * What has to change so that `existing` becomes `wanted`. Topics that the file does not name are left
 * alone, and of those it names only what it writes is compared. What could lose or move records is
 * refused. Pure.
 */
export function planTopics(
  wanted: readonly TopicSettings[],
  existing: readonly DescribedTopic[],
): TopicChange[] {
  return wanted.flatMap((settings) => {
    const found = existing.find(({ name }) => name === settings.name);
    if (found === undefined) {
      const { name: topic, partitions, replication, config } = settings;
      return [{ kind: "create", topic, partitions, replication, config, cause: "does not exist" }];
    }
    return [
      ...planPartitions(settings, found),
      ...planReplication(settings, found),
      ...planConfig(settings, found),
    ];
  });
}

function planPartitions(settings: TopicSettings, found: DescribedTopic): TopicChange[] {
  const want = settings.written.partitions;
  const have = found.partitions.length;
  if (want === undefined || want === have) return [];
  const cause = `partitions ${have} → ${want}`;
  if (want < have) {
    return [refuse(settings.name, cause, "Kafka can't take partitions from a topic")];
  }
  if (found.partitions.some(({ end }) => end > 0)) {
    const why = "the topic has had records, and keys would move to other partitions";
    return [refuse(settings.name, cause, why)];
  }
  return [{ kind: "add-partitions", topic: settings.name, partitions: want, cause }];
}

function planReplication(settings: TopicSettings, found: DescribedTopic): TopicChange[] {
  const want = settings.written.replication;
  if (want === undefined || want === found.replication) return [];
  const cause = `replication ${found.replication} → ${want}`;
  const why = "replicas of an existing topic would have to be moved between brokers";
  return [refuse(settings.name, cause, why)];
}

function planConfig(settings: TopicSettings, found: DescribedTopic): TopicChange[] {
  return Object.entries(settings.config).flatMap(([key, value]): TopicChange[] => {
    const have = found.config[key]?.value ?? "";
    if (normalise(have) === normalise(value)) return [];
    const cause = `${key} ${have === "" ? "(none)" : have} → ${value}`;
    const why = unsafe(key, have, value);
    if (why !== undefined) return [refuse(settings.name, cause, why)];
    return [{ kind: "set-config", topic: settings.name, key, value, cause }];
  });
}

function unsafe(key: string, have: string, want: string): string | undefined {
  switch (key) {
    case "retention.ms":
    case "retention.bytes":
      return limitOf(want) < limitOf(have)
        ? "records that are kept today would be deleted"
        : undefined;
    case "cleanup.policy":
      return "records that are kept today could be deleted or compacted away";
    default:
      return undefined;
  }
}

/** -1 is no limit. */
function limitOf(value: string): number {
  const limit = Number(value);
  return limit < 0 || value === "" ? Number.POSITIVE_INFINITY : limit;
}

/** Kafka gives lists in its own order, and numbers without leading zeros. */
function normalise(value: string): string {
  const items = value.split(",").map((item) => item.trim().toLowerCase());
  return items
    .map((item) => (/^-?\d{1,15}$/.test(item) ? String(Number(item)) : item))
    .toSorted()
    .join();
}

function refuse(topic: string, cause: string, why: string): TopicChange {
  const next = `dp topic delete ${topic}, then dp up: its records are lost with it`;
  return { kind: "refused", topic, cause, why, next };
}

/** One line of `dp plan`: `create topic orders (3 partitions, 3 replicas): does not exist`. */
export function formatTopicChange(change: TopicChange): string {
  switch (change.kind) {
    case "create": {
      const config = Object.entries(change.config).map(([key, value]) => `, ${key}=${value}`);
      const size = `${plural(change.partitions, "partition")}, ${plural(change.replication, "replica")}`;
      return `create topic ${change.topic} (${size}${config.join("")}): ${change.cause}`;
    }
    case "set-config":
    case "add-partitions":
      return `change topic ${change.topic}: ${change.cause}`;
    case "refused":
      return `refused for topic ${change.topic}: ${change.cause}: ${change.why}`;
  }
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
