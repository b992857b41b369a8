import type { TopicSettings } from "../../model/settings.ts";
import type { ListedTopic } from "./admin.ts";
import { isSameConfigValue } from "./config-value.ts";
import type { DescribedTopic } from "./describe-topics.ts";

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
  | { readonly kind: "delete"; readonly topic: string; readonly cause: string }
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

/**
 * The topics that the file does not name. Kafka's own are never among them, nor others of a leading
 * underscore: that is how services mark what they keep for themselves. Pure.
 */
export function planPrune(
  wanted: readonly Pick<TopicSettings, "name">[],
  listed: readonly Pick<ListedTopic, "name" | "internal">[],
): TopicChange[] {
  return listed
    .filter(({ name, internal }) => !internal && !name.startsWith("_"))
    .filter(({ name }) => !wanted.some((one) => one.name === name))
    .map(({ name }) => ({ kind: "delete", topic: name, cause: "the file does not name it" }));
}

type Compared = Pick<TopicSettings, "name" | "written" | "config">;

function planPartitions(settings: Compared, found: DescribedTopic): TopicChange[] {
  const { name: topic } = settings;
  const want = settings.written.partitions;
  const have = found.partitions.length;
  if (want === undefined || want === have) return [];
  const cause = `partitions ${have} → ${want}`;
  if (want < have) {
    const why = "Kafka can't take partitions from a topic";
    return [{ kind: "refused", topic, cause, why, next: makeAnew(topic) }];
  }
  // Where no leader says, it may have had some.
  if (found.partitions.some(({ end }) => end !== 0)) {
    const why = "the topic has had records, and keys would move to other partitions";
    return [{ kind: "refused", topic, cause, why, next: `dp topic alter ${topic} -p ${want}` }];
  }
  return [{ kind: "add-partitions", topic, partitions: want, cause }];
}

/** What a topic has otherwise than asked for, each as `partitions 3 → 6`; undefined asks for nothing. */
export function compareTopic(
  asked: {
    readonly partitions: number | undefined;
    readonly replication: number | undefined;
    readonly config: Readonly<Record<string, string>>;
  },
  found: DescribedTopic,
): string[] {
  const { partitions, replication, config } = asked;
  const written = { partitions, replication };
  const settings = { name: found.name, written, config };
  return [
    ...planPartitions(settings, found),
    ...planReplication(settings, found),
    ...planConfig(settings, found),
  ].map(({ cause }) => cause);
}

function planReplication(settings: Compared, found: DescribedTopic): TopicChange[] {
  const want = settings.written.replication;
  if (want === undefined || want === found.replication) return [];
  const { name: topic } = settings;
  const cause = `replication ${found.replication} → ${want}`;
  const why = "replicas of an existing topic would have to be moved between brokers";
  return [{ kind: "refused", topic, cause, why, next: `dp topic reassign ${topic} -r ${want}` }];
}

function planConfig(settings: Compared, found: DescribedTopic): TopicChange[] {
  return Object.entries(settings.config).flatMap(([key, value]): TopicChange[] => {
    const have = found.config[key]?.value ?? "";
    if (isSameConfigValue(have, value)) return [];
    const { name: topic } = settings;
    const cause = `${key} ${have === "" ? "(none)" : have} → ${value}`;
    const why = whyUnsafe(key, have, value);
    if (why === undefined) return [{ kind: "set-config", topic, key, value, cause }];
    return [{ kind: "refused", topic, cause, why, next: alterCommand(topic, key, value) }];
  });
}

/** What a value would do to records that are there; undefined when nothing. */
export function whyUnsafe(key: string, have: string, want: string): string | undefined {
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

/** The command that changes a key whatever becomes of the records. */
export function alterCommand(topic: string, key: string, value: string): string {
  return `dp topic alter ${topic} --set ${key}=${value}`;
}

function makeAnew(topic: string): string {
  return `dp topic delete ${topic}, then dp topic apply: its records are lost with it`;
}

/** `+`, `~`, `-` or `!`: what becomes of the topic. */
export function signOf({ kind }: TopicChange): string {
  return { create: "+", "set-config": "~", "add-partitions": "~", delete: "-", refused: "!" }[kind];
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
    case "delete":
      return `delete topic ${change.topic}: ${change.cause}`;
    case "refused":
      return `refused for topic ${change.topic}: ${change.cause}: ${change.why}`;
  }
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
