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
} from "../wire/admin-requests.ts";
import { errorText, requestTimedOut, topicAlreadyExists } from "../wire/error-codes.ts";
import type { PartitionMetadata } from "../wire/read-requests.ts";

export type { NewTopic } from "../wire/admin-requests.ts";

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
  const request = createTopicsRequest(topics, { timeoutMs: requestMs, validateOnly });
  const results = await askController(cluster, request);
  const created: string[] = [];
  const existing: string[] = [];
  const failures: DpError[] = [];
  for (const { name } of topics) {
    const result = results.find((one) => one.name === name);
    const message = `topic "${name}" was not created`;
    const failure = topicFailure(result, { message, topic: name, right: "Create" });
    if (result?.errorCode === topicAlreadyExists) existing.push(name);
    else if (failure === undefined) created.push(name);
    else failures.push(failure);
  }
  return { created, existing, failures };
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
  const results = await askController(cluster, deleteTopicsRequest(names, requestMs));
  const deleted: string[] = [];
  const failures: DpError[] = [];
  for (const name of names) {
    const message = `topic "${name}" was not deleted`;
    const result = results.find((one) => one.name === name);
    const failure = topicFailure(result, { message, topic: name, right: "Delete" });
    if (failure === undefined) deleted.push(name);
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
  const [result] = await askController(cluster, createPartitionsRequest(topic, limits));
  if (result?.errorCode === requestTimedOut && (await hasGrown(cluster, topic, partitions))) return;
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
