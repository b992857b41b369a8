import { DpError, messageOf } from "../../errors.ts";
import { nearest } from "../../stack/nearest.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { OfflineError, retryWhileMoving } from "../cluster/moving.ts";
import { positionOf, type Start } from "./offsets.ts";
import {
  BrokerError,
  errorText,
  leaderNotAvailable,
  noError,
  topicAuthorizationFailed,
  unknownServerError,
  unknownTopicOrPartition,
} from "../protocol/error-codes.ts";
import {
  earliestOffset,
  lastStableOffset,
  latestOffset,
  listOffsetsRequest,
  type Metadata,
  type PartitionAt,
  type PartitionMetadata,
  type TopicMetadata,
} from "../protocol/read-requests.ts";

/** What a partition's log held when it was asked. */
export interface LogRange extends PartitionAt {
  readonly leader: number;
  /** The first offset that is left. */
  readonly logStart: number;
  /** The offset that the next record gets; where only committed records count, the first open one. */
  readonly end: number;
}

/**
 * Metadata of the topics, in the order asked for. Throws DpError `unknown-topic`, with the nearest
 * name that exists, at once when one does not exist.
 */
export async function describeTopicsOrFail(
  cluster: Cluster,
  topics: readonly string[],
): Promise<TopicMetadata[]> {
  const metadata = await cluster.metadata(topics);
  return Promise.all(topics.map((name) => topicOrFail({ cluster, metadata, name })));
}

async function topicOrFail(options: {
  cluster: Cluster;
  metadata: Metadata;
  name: string;
}): Promise<TopicMetadata> {
  const { cluster, metadata, name } = options;
  const found = metadata.topics.find((topic) => topic.name === name);
  if (found !== undefined && found.partitions.length > 0) return found;
  if (found !== undefined && found.errorCode !== unknownTopicOrPartition) {
    throw new DpError({
      code: "kafka-failed",
      message: `can't use topic "${name}"`,
      why: errorText(found.errorCode),
      cause: new BrokerError("Metadata", found.errorCode),
      next:
        found.errorCode === topicAuthorizationFailed
          ? `the user needs Describe on topic ${name}, and Read or Write for its records: kafka-acls.sh --add --operation Read --topic ${name}`
          : undefined,
    });
  }
  const all = await cluster.metadata("all");
  const names = all.topics.filter(({ internal }) => !internal).map((topic) => topic.name);
  const near = nearest(name, names);
  throw new DpError({
    code: "unknown-topic",
    message: `there is no topic "${name}"`,
    why: found === undefined ? undefined : errorText(found.errorCode),
    evidence: [listOf(names)],
    next: near === undefined ? "dp topic list" : `did you mean "${near}"?`,
  });
}

const listedNames = 20;

function listOf(names: readonly string[]): string {
  if (names.length === 0) return "there are no topics";
  const more = names.length > listedNames ? ` and ${names.length - listedNames} more` : "";
  return `topics: ${names.toSorted().slice(0, listedNames).join(", ")}${more}`;
}

/**
 * The range of every partition of the topics (only `partitions`, when given). Leaders that move are
 * looked for again for 30 s, and brokers that are out of reach as long as the cluster's patience. Throws
 * DpError for unknown topics and partitions.
 */
export async function rangesOf(options: {
  cluster: Cluster;
  topics: readonly string[];
  partitions?: readonly number[] | undefined;
  /** Ends where the first transaction begins that is open, so that all up to the end can be read. */
  readCommitted?: boolean | undefined;
  signal?: AbortSignal | undefined;
}): Promise<LogRange[]> {
  const { cluster, topics, partitions, readCommitted = false } = options;
  const end = readCommitted ? lastStableOffset : latestOffset;
  return findOffsets(options, async () => {
    const described = await describeTopicsOrFail(cluster, topics);
    const wanted = described.flatMap((topic) => selectPartitions(topic, partitions));
    return askRanges(cluster, wanted, end);
  });
}

async function findOffsets<T>(
  where: {
    readonly cluster: Cluster;
    readonly topics: readonly string[];
    readonly signal?: AbortSignal | undefined;
  },
  attempt: () => Promise<T>,
): Promise<T> {
  const { cluster, topics, signal } = where;
  try {
    return await retryWhileMoving({ cluster, attempt, signal });
  } catch (error) {
    if (error instanceof DpError || signal?.aborted === true) throw error;
    throw new DpError({
      code: "kafka-failed",
      message: `can't find the offsets of ${topics.join(", ")}`,
      why: messageOf(error),
      next: "dp status",
      cause: error,
    });
  }
}

type Wanted = PartitionAt &
  Pick<PartitionMetadata, "leader"> &
  Partial<Pick<PartitionMetadata, "replicas" | "isr">>;

function selectPartitions(topic: TopicMetadata, only: readonly number[] | undefined): Wanted[] {
  const known = topic.partitions.toSorted((a, b) => a.partition - b.partition);
  const missing = only?.find((one) => !known.some(({ partition }) => partition === one));
  if (missing !== undefined) {
    throw new DpError({
      code: "usage",
      message: `topic "${topic.name}" has no partition ${missing}`,
      why: `its partitions are 0 to ${known.length - 1}`,
      next: `dp topic describe ${topic.name}`,
    });
  }
  return known
    .filter(({ partition }) => only === undefined || only.includes(partition))
    .map(({ partition, leader, replicas, isr }) => {
      return { topic: topic.name, partition, leader, replicas, isr };
    });
}

async function askRanges(
  cluster: Cluster,
  wanted: readonly Wanted[],
  end: OffsetQuery,
): Promise<LogRange[]> {
  const [starts, ends] = await Promise.all([
    askOffsets(cluster, wanted, earliestOffset),
    askOffsets(cluster, wanted, end),
  ]);
  return wanted.map(({ topic, partition, leader }, index) => ({
    topic,
    partition,
    leader,
    logStart: starts[index] ?? 0,
    end: ends[index] ?? 0,
  }));
}

type OffsetQuery = Parameters<typeof listOffsetsRequest>[1];

/** The offset of a timestamp or a special value in each partition, from its leader. */
async function askOffsets(
  cluster: Cluster,
  wanted: readonly Wanted[],
  query: OffsetQuery,
): Promise<number[]> {
  const leaders = [...new Set(wanted.map(({ leader }) => leader))];
  const answers = await Promise.all(
    leaders.map((leader) => {
      const own = wanted.filter((one) => one.leader === leader);
      if (leader < 0) throw leaderless(cluster, own[0]);
      return cluster.ask(leader, listOffsetsRequest(own, query), 5000);
    }),
  );
  const found = answers.flat();
  return wanted.map((one) => {
    const answer = found.find((each) => isSame(each, one));
    if (answer?.errorCode !== noError) {
      throw new BrokerError(nameOf(one), answer?.errorCode ?? unknownServerError);
    }
    return answer.offset;
  });
}

/** Only a replica that was in sync can become the leader: while one of them runs, the leader moves. */
export function leaderless(
  cluster: Pick<Cluster, "nodes">,
  partition: (PartitionAt & Partial<Pick<PartitionMetadata, "replicas" | "isr">>) | undefined,
): Error {
  const { replicas = [], isr = [] } = partition ?? {};
  const isLost = (replica: number) => !cluster.nodes().some(({ id }) => id === replica);
  const lost = replicas.filter(isLost);
  const candidates = isr.length > 0 ? isr : replicas;
  if (!candidates.every(isLost)) return new BrokerError(nameOf(partition), leaderNotAvailable);
  const where = lost.length === 1 ? `broker ${lost[0]} does` : `brokers ${lost.join(", ")} do`;
  const why = lost.length === 0 ? "" : `: of its replicas, ${where} not run`;
  return new OfflineError(`${nameOf(partition)} has no leader${why}`);
}

function nameOf(partition: PartitionAt | undefined): string {
  return `${partition?.topic} partition ${partition?.partition}`;
}

/** The offset to begin with in each range, in their order. Throws as rangesOf does. */
export async function startsOf(
  cluster: Cluster,
  ranges: readonly LogRange[],
  start: Start,
): Promise<number[]> {
  const timed =
    start.kind === "time" ? await findTime(cluster, ranges, start.timestamp) : undefined;
  return ranges.map(({ logStart, end }, index) =>
    positionOf(start, { logStart, end, timed: timed?.[index] }),
  );
}

/** The leaders may have moved since the ranges were found. */
async function findTime(
  cluster: Cluster,
  ranges: readonly LogRange[],
  timestamp: number,
): Promise<number[]> {
  const topics = [...new Set(ranges.map(({ topic }) => topic))];
  let wanted: readonly Wanted[] = ranges;
  return findOffsets({ cluster, topics }, async () => {
    try {
      return await askOffsets(cluster, wanted, timestamp);
    } catch (error) {
      const described = await describeTopicsOrFail(cluster, topics);
      const known = described.flatMap((topic) => selectPartitions(topic, undefined));
      wanted = ranges.map((one) => known.find((each) => isSame(each, one)) ?? one);
      throw error;
    }
  });
}

function isSame(one: PartitionAt, other: PartitionAt): boolean {
  return one.topic === other.topic && one.partition === other.partition;
}
