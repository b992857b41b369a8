import { DpError, messageOf } from "../errors.ts";
import type { Cluster } from "./cluster.ts";
import { describeTopicsOrFail, rangesOf } from "./log-ranges.ts";
import {
  createPartitionsRequest,
  createTopicsRequest,
  deleteTopicsRequest,
  describeLogDirsRequest,
  describeTopicConfigsRequest,
  setTopicConfigRequest,
  type NamedResult,
  type NewTopic,
} from "./wire/admin-requests.ts";
import type { Request } from "./wire/connection.ts";
import {
  errorText,
  leaderNotAvailable,
  noError,
  notController,
  topicAlreadyExists,
} from "./wire/error-codes.ts";

const requestMs = 10_000;
const controllerPatienceMs = 10_000;
const retryMs = 100;

export interface ListedTopic {
  readonly name: string;
  readonly partitions: number;
  readonly replication: number;
  /** Kafka's own, such as `__consumer_offsets`. */
  readonly internal: boolean;
}

/** All topics, by name. Throws DpError `kafka-failed` when no broker answers. */
export async function listTopics(cluster: Cluster): Promise<ListedTopic[]> {
  const { topics } = await cluster.metadata("all");
  return topics
    .map(({ name, internal, partitions }) => ({
      name,
      internal: internal || name.startsWith("__"),
      partitions: partitions.length,
      replication: Math.max(0, ...partitions.map(({ replicas }) => replicas.length)),
    }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

export interface DescribedPartition {
  readonly partition: number;
  readonly leader: number;
  readonly replicas: readonly number[];
  readonly isr: readonly number[];
  readonly logStart: number;
  readonly end: number;
  /** What the leader's log takes on disk; undefined when the leader did not say. */
  readonly bytes: number | undefined;
}

export interface TopicConfig {
  readonly value: string | null;
  /** Set on the topic itself, not by the broker or Kafka. */
  readonly ownValue: boolean;
}

export interface DescribedTopic {
  readonly name: string;
  readonly replication: number;
  readonly partitions: readonly DescribedPartition[];
  /** Every key with the value that holds. */
  readonly config: Readonly<Record<string, TopicConfig>>;
}

/** Partitions, offsets, sizes and configuration. Throws DpError `unknown-topic` with the nearest name. */
export async function describeTopics(
  cluster: Cluster,
  names: readonly string[],
): Promise<DescribedTopic[]> {
  if (names.length === 0) return [];
  const topics = await describeTopicsOrFail(cluster, names);
  const [ranges, configs, sizes] = await Promise.all([
    rangesOf({ cluster, topics: names }),
    askController(cluster, describeTopicConfigsRequest(names)),
    sizesOf(cluster, topics),
  ]);
  return topics.map(({ name, partitions }) => {
    const config = configs.find((one) => one.name === name);
    if (config !== undefined) failOn(config, `can't read the configuration of topic "${name}"`);
    return {
      name,
      replication: Math.max(0, ...partitions.map(({ replicas }) => replicas.length)),
      partitions: partitions
        .map(({ partition, leader, replicas, isr }) => {
          const range = ranges.find((one) => one.topic === name && one.partition === partition);
          const bytes = sizes.get(`${leader} ${partition} ${name}`);
          const { logStart = 0, end = 0 } = range ?? {};
          return { partition, leader, replicas, isr, logStart, end, bytes };
        })
        .toSorted((a, b) => a.partition - b.partition),
      config: Object.fromEntries(
        (config?.entries ?? []).map(({ key, value, source }) => [
          key,
          { value, ownValue: source === 1 },
        ]),
      ),
    };
  });
}

/** Bytes on disk under `broker partition topic`. A broker that does not say is left out. */
async function sizesOf(
  cluster: Cluster,
  topics: Awaited<ReturnType<typeof describeTopicsOrFail>>,
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

/**
 * Creates a topic; false when `ifNotExists` and it is there already. Returns before every broker knows
 * it: see `waitForTopics`. Throws DpError with the broker's words.
 */
export async function createTopic(
  cluster: Cluster,
  topic: NewTopic,
  options: { readonly ifNotExists?: boolean } = {},
): Promise<boolean> {
  const { created, failures } = await createTopics(cluster, [topic]);
  const [failure] = failures;
  if (failure !== undefined) throw failure;
  if (created.length > 0) return true;
  if (options.ifNotExists === true) return false;
  throw new DpError({
    code: "kafka-failed",
    message: `topic "${topic.name}" exists already`,
    why: errorText(topicAlreadyExists),
    next: `dp topic describe ${topic.name}, or add --if-not-exists`,
  });
}

export interface TopicsCreated {
  readonly created: readonly string[];
  /** Names of those that were there already. */
  readonly existing: readonly string[];
  /** One for each of the others, with the broker's words. */
  readonly failures: readonly DpError[];
}

/** Creates topics with one request: each would wait for the one before it otherwise. */
export async function createTopics(
  cluster: Cluster,
  topics: readonly NewTopic[],
): Promise<TopicsCreated> {
  const results = await askController(cluster, createTopicsRequest(topics, requestMs));
  const created: string[] = [];
  const existing: string[] = [];
  const failures: DpError[] = [];
  for (const { name } of topics) {
    const result = results.find((one) => one.name === name);
    const failure = failureOf(result, `topic "${name}" was not created`);
    if (result?.errorCode === topicAlreadyExists) existing.push(name);
    else if (failure === undefined) created.push(name);
    else failures.push(failure);
  }
  return { created, existing, failures };
}

/** Throws DpError `unknown-topic` with the nearest name when it does not exist. */
export async function deleteTopic(cluster: Cluster, name: string): Promise<void> {
  await describeTopicsOrFail(cluster, [name]);
  const [result] = await askController(cluster, deleteTopicsRequest([name], requestMs));
  failOn(result, `topic "${name}" was not deleted`);
}

/** Sets one key and leaves the others alone. Throws DpError with the broker's words. */
export async function setTopicConfig(
  cluster: Cluster,
  topic: string,
  entry: { readonly key: string; readonly value: string },
): Promise<void> {
  const [result] = await askController(cluster, setTopicConfigRequest(topic, entry));
  failOn(result, `${entry.key} of topic "${topic}" was not set to ${entry.value}`);
}

/** `partitions` is the new number of all of them. Throws DpError with the broker's words. */
export async function addPartitions(
  cluster: Cluster,
  topic: string,
  partitions: number,
): Promise<void> {
  const request = createPartitionsRequest(topic, { partitions, timeoutMs: requestMs });
  const [result] = await askController(cluster, request);
  failOn(result, `topic "${topic}" did not get ${partitions} partitions`);
}

/** Asks the controller, and looks for it again when it has moved or is not there yet. */
async function askController<Result extends NamedResult>(
  cluster: Cluster,
  request: Request<Result[]>,
): Promise<Result[]> {
  const deadline = performance.now() + controllerPatienceMs;
  for (;;) {
    const { controllerId } = await cluster.metadata([]);
    let trouble = "the cluster has no controller";
    if (controllerId >= 0) {
      try {
        const results = await cluster.ask(controllerId, request, requestMs + 1000);
        if (results.every(({ errorCode }) => errorCode !== notController)) return results;
        trouble = `broker ${controllerId}: ${errorText(notController)}`;
      } catch (error) {
        trouble = `broker ${controllerId}: ${messageOf(error)}`;
      }
    }
    if (performance.now() > deadline) {
      throw new DpError({
        code: "kafka-failed",
        message: `${request.name} failed`,
        why: trouble,
        next: "dp status",
      });
    }
    await new Promise((resolve) => setTimeout(resolve, retryMs));
  }
}

function failOn(result: NamedResult | undefined, message: string): void {
  const failure = failureOf(result, message);
  if (failure !== undefined) throw failure;
}

function failureOf(result: NamedResult | undefined, message: string): DpError | undefined {
  // The topic is made, only its leaders are not chosen yet: that is for `waitForTopics`.
  if (result?.errorCode === noError || result?.errorCode === leaderNotAvailable) return undefined;
  return new DpError({
    code: "kafka-failed",
    message,
    why:
      result === undefined
        ? "the answer is empty"
        : errorText(result.errorCode, result.errorMessage),
  });
}
