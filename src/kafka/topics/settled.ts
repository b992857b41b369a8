import { DpError, messageOf } from "../../errors.ts";
import { openCluster, type Cluster } from "../cluster/cluster.ts";
import { findCoordinatorRequest } from "../protocol/coordination-requests.ts";
import {
  coordinatorLoadInProgress,
  coordinatorNotAvailable,
  errorText,
  noError,
  notLeader,
  unknownTopicOrPartition,
} from "../protocol/error-codes.ts";
import {
  latestOffset,
  listOffsetsRequest,
  metadataRequest,
  type PartitionAt,
  type TopicMetadata,
} from "../protocol/read-requests.ts";

const roundMs = 25;

interface Wait {
  readonly cluster: Cluster;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

export interface SettledTopic {
  readonly name: string;
  /** Undefined: as many as each broker says. */
  readonly partitions: number | undefined;
  /** Only partitions of this number and above must be whole; 0 unless given. */
  readonly from?: number;
}

/**
 * Resolves when every broker, asked by itself, knows every topic with all partitions, a leader and all
 * replicas in sync for each, and serves the partitions that it leads. Brokers learn of a topic at
 * different moments, so one answer proves little, and become leaders later than metadata names them.
 * Throws DpError `not-ready` after `timeoutMs`.
 */
export async function waitForTopics(topics: readonly SettledTopic[], wait: Wait): Promise<void> {
  if (topics.length === 0) return;
  const names = topics.map(({ name }) => name);
  await untilAllBrokers(wait, {
    topics: names,
    message: `not every broker has ${names.join(", ")} ready`,
    complain: (found) => {
      for (const topic of topics) {
        const complaint = unsettled(found, topic);
        if (complaint !== undefined) return complaint;
      }
      return undefined;
    },
    complainOfLeader: (found, broker) =>
      notServed(wait.cluster, broker, ledBy(broker, found, topics)),
  });
}

/** Resolves when no broker knows the topic any more. Throws DpError `not-ready` after `timeoutMs`. */
export async function waitUntilGone(name: string, wait: Wait): Promise<void> {
  await untilAllBrokers(wait, {
    topics: [name],
    message: `topic "${name}" is not gone from every broker`,
    complain: (found) =>
      found.find((topic) => topic.name === name)?.errorCode === unknownTopicOrPartition
        ? undefined
        : `${name} is still there`,
  });
}

function unsettled(found: readonly TopicMetadata[], wanted: SettledTopic): string | undefined {
  const topic = found.find(({ name }) => name === wanted.name);
  if (topic === undefined || topic.errorCode === unknownTopicOrPartition) {
    return `${wanted.name} is not known`;
  }
  if (wanted.partitions !== undefined && topic.partitions.length !== wanted.partitions) {
    return `${wanted.name} has ${topic.partitions.length} of ${wanted.partitions} partitions`;
  }
  const { from = 0 } = wanted;
  for (const { partition, leader, isr, replicas } of topic.partitions) {
    if (partition < from) continue;
    if (leader < 0) return `${wanted.name} partition ${partition} has no leader`;
    if (isr.length < replicas.length) {
      return `${wanted.name} partition ${partition} has ${isr.length} of ${replicas.length} replicas in sync`;
    }
  }
  return undefined;
}

/** The partitions that are waited for and that the broker leads. */
function ledBy(
  broker: number,
  found: readonly TopicMetadata[],
  wanted: readonly SettledTopic[],
): PartitionAt[] {
  return found.flatMap(({ name, partitions }) => {
    const from = wanted.find((topic) => topic.name === name)?.from ?? 0;
    return partitions
      .filter(({ partition, leader }) => leader === broker && partition >= from)
      .map(({ partition }) => ({ topic: name, partition }));
  });
}

/** Asks the broker for the offsets of partitions that it leads, which is the least that readers need. */
async function notServed(
  cluster: Cluster,
  broker: number,
  led: readonly PartitionAt[],
): Promise<string | undefined> {
  if (led.length === 0) return undefined;
  const answers = await cluster.ask(broker, listOffsetsRequest(led, latestOffset), answerMs);
  const refused = answers.find(({ errorCode }) => errorCode !== noError);
  if (refused === undefined) return undefined;
  const { topic, partition, errorCode } = refused;
  const why = errorCode === notLeader ? "it is not the leader yet" : errorText(errorCode);
  return `${topic} partition ${partition}: ${why}`;
}

const answerMs = 2000;

async function untilAllBrokers(
  wait: Wait,
  what: {
    readonly topics: readonly string[];
    readonly message: string;
    readonly complain: (found: readonly TopicMetadata[]) => string | undefined;
    /** Called when there is nothing to complain of in what the broker knows. */
    readonly complainOfLeader?: (
      found: readonly TopicMetadata[],
      broker: number,
    ) => Promise<string | undefined>;
  },
): Promise<void> {
  const { cluster, timeoutMs, signal } = wait;
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    signal?.throwIfAborted();
    const { brokers } = await cluster.metadata([]);
    const complaints = await Promise.all(
      brokers.map(async ({ id }) => {
        try {
          const answer = await cluster.ask(id, metadataRequest(what.topics), answerMs);
          const complaint =
            what.complain(answer.topics) ?? (await what.complainOfLeader?.(answer.topics, id));
          return complaint === undefined ? [] : [`broker ${id}: ${complaint}`];
        } catch (error) {
          return [`broker ${id}: ${messageOf(error)}`];
        }
      }),
    );
    const evidence = complaints.flat();
    if (evidence.length === 0 && brokers.length > 0) return;
    if (performance.now() > deadline) {
      throw new DpError({
        code: "not-ready",
        message: what.message,
        why: `after ${timeoutMs} ms: ${evidence[0] ?? "no brokers"}`,
        evidence,
        next: "dp status",
      });
    }
    await new Promise((resolve) => setTimeout(resolve, roundMs));
  }
}

/**
 * Makes Kafka create its offsets topic, by looking for a group's coordinator: the first consumer would
 * wait for it, and with a broker down it can't be created at all. Resolves when a broker has taken the
 * request, and so begun. Throws DpError `not-ready` after `timeoutMs`.
 */
export async function warmOffsetsTopic(wait: Wait & { readonly group: string }): Promise<void> {
  const { timeoutMs, signal, group } = wait;
  // A broker answers the requests of a connection in turn: this one would keep the others waiting.
  const { bootstrap, security } = wait.cluster;
  const cluster = openCluster({ bootstrap, security, signal });
  const deadline = performance.now() + timeoutMs;
  try {
    for (;;) {
      signal?.throwIfAborted();
      const trouble = await beginCoordinator(cluster, group);
      if (trouble === undefined) return;
      if (performance.now() > deadline) {
        throw new DpError({
          code: "not-ready",
          message: "consumer groups have no coordinator",
          why: trouble,
          next: "dp status",
        });
      }
      await new Promise((resolve) => setTimeout(resolve, roundMs));
    }
  } finally {
    cluster.close();
  }
}

/** Answers that a broker gives while the topic is being created are good ones. */
const begun = [noError, coordinatorLoadInProgress, coordinatorNotAvailable];

async function beginCoordinator(cluster: Cluster, group: string): Promise<string | undefined> {
  try {
    const { brokers } = await cluster.metadata([]);
    const id = brokers[0]?.id ?? -1;
    const { errorCode } = await cluster.ask(id, findCoordinatorRequest(group), 5000);
    return begun.includes(errorCode) ? undefined : errorText(errorCode);
  } catch (error) {
    return messageOf(error);
  }
}
