import type { TopicSettings } from "../stack/settings.ts";
import {
  addPartitions,
  createTopics,
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
 * Does what the changes say (refused ones are skipped): creates all new topics with one request, then
 * makes the other changes one after another. `told` hears of each change before and after. Returns the
 * topics that exist although they were to be created: a broker that has just started answers before it
 * knows all topics, so that they have to be looked at again. Throws DpError with the broker's words,
 * after what could be created was.
 */
export async function applyTopics(options: {
  cluster: Cluster;
  changes: readonly TopicChange[];
  signal?: AbortSignal | undefined;
  told?: ((change: TopicChange, state: "start" | "done") => void) | undefined;
}): Promise<readonly string[]> {
  const { cluster, changes, signal, told } = options;
  signal?.throwIfAborted();
  const creations = changes.filter((change) => change.kind === "create");
  const existing = await applyCreations({ cluster, creations, told });
  for (const change of changes) {
    if (change.kind === "create" || change.kind === "refused") continue;
    signal?.throwIfAborted();
    told?.(change, "start");
    await applyChange(cluster, change);
    told?.(change, "done");
  }
  return existing;
}

async function applyCreations(options: {
  cluster: Cluster;
  creations: readonly Extract<TopicChange, { kind: "create" }>[];
  told: ((change: TopicChange, state: "start" | "done") => void) | undefined;
}): Promise<readonly string[]> {
  const { cluster, creations, told } = options;
  if (creations.length === 0) return [];
  for (const creation of creations) told?.(creation, "start");
  const topics = creations.map((creation) => ({ ...creation, name: creation.topic }));
  const { created, existing, failures } = await createTopics(cluster, topics);
  for (const creation of creations) {
    if (created.includes(creation.topic)) told?.(creation, "done");
  }
  const [failure] = failures;
  if (failure !== undefined) throw failure;
  return existing;
}

async function applyChange(
  cluster: Cluster,
  change: Exclude<TopicChange, { kind: "create" | "refused" }>,
): Promise<void> {
  switch (change.kind) {
    case "add-partitions":
      return addPartitions(cluster, change.topic, change.partitions);
    case "set-config":
      return setTopicConfig(cluster, change.topic, change);
  }
}
