import { DpError } from "../../errors.ts";
import { nearest } from "../../stack/nearest.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { positionOf, type Start } from "./offsets.ts";
import { isLasting } from "../wire/connection-error.ts";
import {
  errorText,
  noError,
  topicAuthorizationFailed,
  unknownTopicOrPartition,
} from "../wire/error-codes.ts";
import {
  earliestOffset,
  lastStableOffset,
  latestOffset,
  listOffsetsRequest,
  type Metadata,
  type PartitionAt,
  type PartitionMetadata,
  type TopicMetadata,
} from "../wire/read-requests.ts";

/** What a partition's log held when it was asked. */
export interface LogRange extends PartitionAt {
  readonly leader: number;
  /** The first offset that is left. */
  readonly logStart: number;
  /** The offset that the next record gets; where only committed records count, the first open one. */
  readonly end: number;
}

const retryMs = 100;

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
 * The range of every partition of the topics (only `partitions`, when given). Waits as
 * long as the cluster's patience for partitions that have no leader at the moment. Throws DpError for
 * unknown topics and partitions.
 */
export async function rangesOf(options: {
  cluster: Cluster;
  topics: readonly string[];
  partitions?: readonly number[] | undefined;
  /** Ends where the first transaction begins that is open, so that all up to the end can be read. */
  readCommitted?: boolean | undefined;
  signal?: AbortSignal | undefined;
}): Promise<LogRange[]> {
  const { cluster, topics, partitions, readCommitted = false, signal } = options;
  const end = readCommitted ? lastStableOffset : latestOffset;
  const deadline = performance.now() + cluster.patienceMs;
  for (;;) {
    signal?.throwIfAborted();
    const described = await describeTopicsOrFail(cluster, topics);
    const wanted = described.flatMap((topic) => selectPartitions(topic, partitions));
    try {
      return await askRanges(cluster, wanted, end);
    } catch (error) {
      if (performance.now() > deadline || isLasting(error)) {
        throw new DpError({
          code: "kafka-failed",
          message: `can't find the offsets of ${topics.join(", ")}`,
          why: error instanceof Error ? error.message : String(error),
          next: "dp status",
          cause: error,
        });
      }
      await new Promise((resolve) => setTimeout(resolve, retryMs));
    }
  }
}

type Wanted = PartitionAt &
  Pick<PartitionMetadata, "leader"> &
  Partial<Pick<PartitionMetadata, "replicas">>;

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
    .map(({ partition, leader, replicas }) => ({ topic: topic.name, partition, leader, replicas }));
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
      if (leader < 0) throw new Error(whyNoLeader(cluster, own[0]));
      return cluster.ask(leader, listOffsetsRequest(own, query), 5000);
    }),
  );
  const found = answers.flat();
  return wanted.map((one) => {
    const answer = found.find(
      ({ topic, partition }) => topic === one.topic && partition === one.partition,
    );
    if (answer?.errorCode !== noError) {
      throw new Error(`${nameOf(one)}: ${errorText(answer?.errorCode ?? -1)}`);
    }
    return answer.offset;
  });
}

function whyNoLeader(cluster: Cluster, partition: Wanted | undefined): string {
  const replicas = partition?.replicas ?? [];
  const lost = replicas.filter((replica) => !cluster.nodes().some(({ id }) => id === replica));
  const where = lost.length === 1 ? `broker ${lost[0]} does` : `brokers ${lost.join(", ")} do`;
  const why = lost.length === 0 ? "" : `: of its replicas, ${where} not run`;
  return `${nameOf(partition)} has no leader${why}`;
}

function nameOf(partition: PartitionAt | undefined): string {
  return `${partition?.topic} partition ${partition?.partition}`;
}

/** The offset to begin with in each range, in their order. */
export async function startsOf(
  cluster: Cluster,
  ranges: readonly LogRange[],
  start: Start,
): Promise<number[]> {
  const timed =
    start.kind === "time" ? await askOffsets(cluster, ranges, start.timestamp) : undefined;
  return ranges.map(({ logStart, end }, index) =>
    positionOf(start, { logStart, end, timed: timed?.[index] }),
  );
}
