import { setTimeout as sleep } from "node:timers/promises";
import { DpError } from "../../errors.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { askController, requestMs } from "../cluster/controller.ts";
import { describeTopicsOrFail } from "../read/log-ranges.ts";
import { topicFailure } from "./topic-failure.ts";
import {
  createPartitionsRequest,
  createTopicsRequest,
  deleteTopicsRequest,
  type NewTopic,
} from "../protocol/admin-requests.ts";
import {
  errorText,
  invalidPartitions,
  requestTimedOut,
  topicAlreadyExists,
  unknownTopicOrPartition,
} from "../protocol/error-codes.ts";
import type { PartitionMetadata } from "../protocol/read-requests.ts";

export type { NewTopic } from "../protocol/admin-requests.ts";

export interface ListedTopic {
  readonly name: string;
  readonly partitions: number;
  readonly replication: number;
  /** Kafka's own, such as `__consumer_offsets`. */
  readonly internal: boolean;
  /** Partitions without a leader: nobody can write to or read from them. */
  readonly offline: number;
  /** Partitions with a leader of which some replica is not in sync. */
  readonly underReplicated: number;
}

/** All topics, by name, from one answer. Throws DpError `kafka-failed` when no broker answers. */
export async function listTopics(cluster: Cluster): Promise<ListedTopic[]> {
  const { topics } = await cluster.metadata("all");
  return topics
    .map(({ name, internal, partitions }) => ({
      name,
      internal: internal || name.startsWith("__"),
      partitions: partitions.length,
      replication: replicationOf(partitions),
      offline: partitions.filter((one) => stateOf(one) === "offline").length,
      underReplicated: partitions.filter((one) => stateOf(one) === "under-replicated").length,
    }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

type Replicas = Pick<PartitionMetadata, "leader" | "replicas" | "isr">;

/** The most replicas that a partition has. */
export function replicationOf(partitions: readonly Pick<Replicas, "replicas">[]): number {
  return Math.max(0, ...partitions.map(({ replicas }) => replicas.length));
}

export type PartitionState = "ok" | "under-replicated" | "offline";

export function stateOf({ leader, replicas, isr }: Replicas): PartitionState {
  if (leader < 0) return "offline";
  return isr.length < replicas.length ? "under-replicated" : "ok";
}

/** `2 offline, 1 under-replicated`: how many partitions; null when all are whole. */
export function troubleOf(topic: Pick<ListedTopic, "offline" | "underReplicated">): string | null {
  const { offline, underReplicated } = topic;
  const parts = [
    ...(offline > 0 ? [`${offline} offline`] : []),
    ...(underReplicated > 0 ? [`${underReplicated} under-replicated`] : []),
  ];
  return parts.length > 0 ? parts.join(", ") : null;
}

/**
 * Creates a topic. Returns before every broker knows it: see `waitForTopics`. Throws DpError with the
 * broker's words, also when it exists already.
 */
export async function createTopic(cluster: Cluster, topic: NewTopic): Promise<void> {
  const { existing, failures } = await createTopics(cluster, [topic]);
  const [failure] = failures;
  if (failure !== undefined) throw failure;
  if (existing.length > 0) throw existsAlready(topic.name);
}

export function existsAlready(name: string): DpError {
  return new DpError({
    code: "kafka-failed",
    message: `topic "${name}" exists already`,
    why: errorText(topicAlreadyExists),
    next: `dp topic describe ${name}, or add --if-not-exists`,
  });
}

export interface TopicsCreated {
  readonly created: readonly string[];
  /** Names of those that were there already. */
  readonly existing: readonly string[];
  /** One for each of the others, with the broker's words. */
  readonly failures: readonly DpError[];
}

/**
 * Creates topics with one request: each would wait for the one before it otherwise. With
 * `validateOnly` the brokers only say whether they would.
 */
export async function createTopics(
  cluster: Cluster,
  topics: readonly NewTopic[],
  { validateOnly = false }: { readonly validateOnly?: boolean } = {},
): Promise<TopicsCreated> {
  const names = topics.map(({ name }) => name);
  const before = await findSizes(cluster, names);
  const { answer, isRepeated } = await askController(cluster, {
    request: createTopicsRequest(topics, { timeoutMs: requestMs, validateOnly }),
    action: `create ${nameTopics(names)}`,
    isChange: !validateOnly,
    hint: "dp topic list",
  });
  const created: string[] = [];
  const existing: string[] = [];
  const failures: DpError[] = [];
  for (const topic of topics) {
    const { name } = topic;
    const result = answer.find((one) => one.name === name);
    const message = `topic "${name}" was not created`;
    const failure = topicFailure(result, { message, topic: name, right: "Create" });
    const mayBeDone = isRepeated || result?.errorCode === requestTimedOut;
    const isOwn = mayBeDone && !before.has(name) && (await isCreated(cluster, topic));
    if (failure === undefined || isOwn) created.push(name);
    else if (result?.errorCode === topicAlreadyExists) existing.push(name);
    else failures.push(failure);
  }
  return { created, existing, failures };
}

/**
 * Whether a topic that was missing before it was to be created is there now, with as many partitions: an
 * attempt without an answer, or one that the broker did not finish in time, has created it.
 */
async function isCreated(cluster: Cluster, { name, partitions }: NewTopic): Promise<boolean> {
  const size = (await findSizes(cluster, [name])).get(name);
  return size !== undefined && (partitions < 0 || size === partitions);
}

/** The number of partitions of those topics that exist. */
async function findSizes(
  cluster: Cluster,
  names: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const { topics } = await cluster.metadata(names);
  const found = topics.filter(({ partitions }) => partitions.length > 0);
  return new Map(found.map(({ name, partitions }) => [name, partitions.length]));
}

/** `topic "a"`, `topics "a", "b"`. */
function nameTopics(names: readonly string[]): string {
  const quoted = names.map((name) => `"${name}"`).join(", ");
  return names.length === 1 ? `topic ${quoted}` : `topics ${quoted}`;
}

/** Throws DpError `unknown-topic` with the nearest name when it does not exist. */
export async function deleteTopic(cluster: Cluster, name: string): Promise<void> {
  const { failures } = await deleteTopics(cluster, [name]);
  const [failure] = failures;
  if (failure !== undefined) throw failure;
}

export interface TopicsDeleted {
  readonly deleted: readonly string[];
  /** One for each of the others, with the broker's words. */
  readonly failures: readonly DpError[];
}

/**
 * Deletes topics with one request. Brokers forget them a moment later: see `waitUntilGone`. Throws
 * DpError `unknown-topic`, with the nearest name and before any is deleted, when one does not exist.
 */
export async function deleteTopics(
  cluster: Cluster,
  names: readonly string[],
): Promise<TopicsDeleted> {
  await describeTopicsOrFail(cluster, names);
  const { answer, isRepeated } = await askController(cluster, {
    request: deleteTopicsRequest(names, requestMs),
    action: `delete ${nameTopics(names)}`,
    isChange: true,
    hint: "dp topic list",
  });
  const deleted: string[] = [];
  const failures: DpError[] = [];
  for (const name of names) {
    const message = `topic "${name}" was not deleted`;
    const result = answer.find((one) => one.name === name);
    const failure = topicFailure(result, { message, topic: name, right: "Delete" });
    const isUnknown = result?.errorCode === unknownTopicOrPartition;
    const isLate = result?.errorCode === requestTimedOut;
    // It was there: an attempt whose answer was lost has deleted it.
    if (failure === undefined || (isRepeated && isUnknown)) deleted.push(name);
    else if (isLate && !(await findSizes(cluster, [name])).has(name)) deleted.push(name);
    else failures.push(failure);
  }
  return { deleted, failures };
}

/** `partitions` is the new number of all of them. Throws DpError with the broker's words. */
export async function addPartitions(
  cluster: Cluster,
  topic: string,
  options: { readonly partitions: number; readonly validateOnly?: boolean },
): Promise<void> {
  const { partitions, validateOnly = false } = options;
  const limits = { partitions, timeoutMs: growMs, validateOnly };
  const { answer, isRepeated } = await askController(cluster, {
    request: createPartitionsRequest(topic, limits),
    action: `add partitions to topic "${topic}"`,
    isChange: !validateOnly,
    hint: `dp topic describe ${topic}`,
  });
  const [result] = answer;
  const mayBeDone =
    result?.errorCode === requestTimedOut ||
    (isRepeated && result?.errorCode === invalidPartitions);
  if (mayBeDone && !validateOnly && (await hasGrown(cluster, topic, partitions))) return;
  const message = `topic "${topic}" did not get ${partitions} partitions`;
  const failure = topicFailure(result, { message, topic, right: "Alter" });
  if (failure !== undefined) throw failure;
}

/**
 * With ZooKeeper the controller answers when all partitions have a leader: where one that was there is
 * offline it never says that it has added the others.
 */
const growMs = 1000;
const retryMs = 100;

async function hasGrown(cluster: Cluster, name: string, partitions: number): Promise<boolean> {
  const deadline = performance.now() + requestMs;
  for (;;) {
    const [topic] = await describeTopicsOrFail(cluster, [name]);
    if (topic?.partitions.length === partitions) return true;
    if (performance.now() > deadline) return false;
    await sleep(retryMs);
  }
}
