import { setTimeout as sleep } from "node:timers/promises";
import type { TopicSettings } from "../../model/settings.ts";
import { addPartitions, createTopics, deleteTopics, listTopics } from "./admin.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { describeTopics, type DescribedTopic } from "./describe-topics.ts";
import { waitForTopics, waitUntilGone } from "./settled.ts";
import { alterTopicConfig, waitForTopicConfig } from "./topic-config.ts";
import { planTopics, type TopicChange } from "./plan-topics.ts";

/** Those of the wanted topics that exist, described; partitions without a leader are waited for. */
export async function observeTopics(
  cluster: Cluster,
  wanted: readonly Pick<TopicSettings, "name">[],
): Promise<DescribedTopic[]> {
  if (wanted.length === 0) return [];
  const listed = await listTopics(cluster);
  const names = listed.map(({ name }) => name);
  return describeTopics(
    cluster,
    wanted.map(({ name }) => name).filter((name) => names.includes(name)),
    { offline: "await" },
  );
}

/** Hears of each change before and after it. */
export type TopicChangeTold = (change: TopicChange, state: "start" | "done") => void;

interface Bringing {
  readonly cluster: Cluster;
  readonly signal?: AbortSignal | undefined;
  readonly told?: TopicChangeTold | undefined;
}

/**
 * Makes the topics of the cluster as the file says, and waits until every broker has them, or only what
 * was added, whole. Returns the changes, those that were refused too. Throws DpError with the broker's words, or `not-ready`
 * after `timeoutMs`.
 */
export async function bringTopics(
  options: Bringing & {
    readonly wanted: readonly TopicSettings[];
    readonly timeoutMs: number;
    /** Partitions that were there may have replicas on a broker that is down. */
    readonly waitFor: "all" | "added";
  },
): Promise<readonly TopicChange[]> {
  const { cluster, wanted, timeoutMs, waitFor, signal } = options;
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const observed = await observeTopics(cluster, wanted);
    const changes = planTopics(wanted, observed);
    const unseen = await applyTopics({ ...options, changes });
    if (unseen.length > 0 && performance.now() < deadline) {
      await sleep(100, undefined, { signal });
      continue;
    }
    const sizes = wanted.flatMap(({ name, partitions }) => {
      const before = observed.find((topic) => topic.name === name)?.partitions.length;
      const after = sizeAfter(changes, name);
      if (waitFor === "all") return [{ name, partitions: after ?? before ?? partitions }];
      return after === undefined ? [] : [{ name, partitions: after, from: before ?? 0 }];
    });
    await waitForTopics(sizes, { cluster, timeoutMs, signal });
    return changes;
  }
}

function sizeAfter(changes: readonly TopicChange[], name: string): number | undefined {
  const change = changes.find(
    ({ topic, kind }) => topic === name && (kind === "create" || kind === "add-partitions"),
  );
  return change && "partitions" in change ? change.partitions : undefined;
}

/**
 * Does what the changes say (refused ones are skipped): creates all new topics with one request, then
 * makes the other changes one after another. Returns the topics that exist although they were to be
 * created: a broker that has just started answers before it knows all topics, so that they have to be
 * looked at again. With `validateOnly` the brokers only say whether they would; nothing is deleted
 * then. Throws DpError with the broker's words, after what could be created was.
 */
export async function applyTopics(
  options: Bringing & { readonly changes: readonly TopicChange[]; readonly validateOnly?: boolean },
): Promise<readonly string[]> {
  const { changes, signal, told } = options;
  signal?.throwIfAborted();
  const creations = changes.filter((change) => change.kind === "create");
  const existing = await applyCreations({ ...options, creations });
  for (const change of changes) {
    if (change.kind === "create" || change.kind === "refused") continue;
    signal?.throwIfAborted();
    told?.(change, "start");
    await applyChange({ ...options, change });
    told?.(change, "done");
  }
  return existing;
}

async function applyCreations(
  options: Bringing & {
    readonly creations: readonly Extract<TopicChange, { kind: "create" }>[];
    readonly validateOnly?: boolean;
  },
): Promise<readonly string[]> {
  const { cluster, creations, told, validateOnly = false } = options;
  if (creations.length === 0) return [];
  for (const creation of creations) told?.(creation, "start");
  const topics = creations.map((creation) => ({ ...creation, name: creation.topic }));
  const { created, existing, failures } = await createTopics(cluster, topics, { validateOnly });
  for (const creation of creations) {
    if (created.includes(creation.topic)) told?.(creation, "done");
  }
  const [failure] = failures;
  if (failure !== undefined) throw failure;
  return existing;
}

const goneMs = 30_000;

async function applyChange(
  options: Bringing & {
    readonly change: Exclude<TopicChange, { kind: "create" | "refused" }>;
    readonly validateOnly?: boolean;
  },
): Promise<void> {
  const { cluster, change, signal, validateOnly = false } = options;
  const { topic } = change;
  switch (change.kind) {
    case "add-partitions":
      return addPartitions(cluster, topic, { partitions: change.partitions, validateOnly });
    case "set-config": {
      const edits = [{ kind: "set", key: change.key, value: change.value }] as const;
      await alterTopicConfig(cluster, topic, { edits, validateOnly });
      return validateOnly ? undefined : waitForTopicConfig(cluster, topic, { edits, signal });
    }
    case "delete": {
      if (validateOnly) return;
      const { failures } = await deleteTopics(cluster, [topic]);
      const [failure] = failures;
      if (failure !== undefined) throw failure;
      return waitUntilGone(topic, { cluster, timeoutMs: goneMs, signal });
    }
  }
}
