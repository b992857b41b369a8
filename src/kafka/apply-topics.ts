import type { TopicSettings } from "../stack/model.ts";
import {
  addPartitions,
  createTopic,
  describeTopics,
  listTopics,
  setTopicConfig,
  type DescribedTopic,
} from "./admin.ts";
import type { Cluster } from "./cluster.ts";
import type { TopicChange } from "./topics.ts";

/** Those of the wanted topics that exist, described. */
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
  );
}

/**
 * Does what the changes say, one after another (refused ones are skipped). `told` hears of each change
 * before and after. Returns the topics that exist although they were to be created: a broker that has
 * just started answers before it knows all topics, so that they have to be looked at again. Throws
 * DpError with the broker's words.
 */
export async function applyTopics(options: {
  cluster: Cluster;
  changes: readonly TopicChange[];
  signal?: AbortSignal | undefined;
  told?: ((change: TopicChange, state: "start" | "done") => void) | undefined;
}): Promise<string[]> {
  const { cluster, changes, signal, told } = options;
  const existing: string[] = [];
  for (const change of changes) {
    signal?.throwIfAborted();
    if (change.kind === "refused") continue;
    told?.(change, "start");
    const done = await applyChange(cluster, change);
    if (done) told?.(change, "done");
    else existing.push(change.topic);
  }
  return existing;
}

/** Returns false for a topic that exists already. */
async function applyChange(
  cluster: Cluster,
  change: Exclude<TopicChange, { kind: "refused" }>,
): Promise<boolean> {
  switch (change.kind) {
    case "create":
      return createTopic(cluster, { ...change, name: change.topic }, { ifNotExists: true });
    case "add-partitions":
      await addPartitions(cluster, change.topic, change.partitions);
      return true;
    case "set-config":
      await setTopicConfig(cluster, change.topic, change);
      return true;
  }
}
