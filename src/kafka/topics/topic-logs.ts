import type { Cluster } from "../cluster/cluster.ts";
import { OfflineError, prospectOf, retryWhileMoving } from "../cluster/moving.ts";
import { describeTopicsOrFail, leaderless } from "../read/log-ranges.ts";
import { describeLogDirsRequest } from "../protocol/admin-requests.ts";
import { BrokerError, noError } from "../protocol/error-codes.ts";
import {
  earliestOffset,
  latestOffset,
  listOffsetsRequest,
  type PartitionAt,
  type PartitionMetadata,
  type TopicMetadata,
} from "../protocol/read-requests.ts";

/** What the leader of a partition reports. */
export interface PartitionLog {
  readonly logStart: number;
  /** The offset that the next record gets. */
  readonly end: number;
  /** Size on disk; undefined when the user may not see it. */
  readonly bytes: number | undefined;
}

export interface TopicLogs {
  readonly topics: readonly TopicMetadata[];
  /** The log of a partition; undefined when no leader reported it. */
  readonly find: (partition: PartitionAt) => PartitionLog | undefined;
}

/** Partitions of which no broker runs that could lead them: reported as they are, or awaited. */
export type OfflinePartitions = "report" | "await";

const answerMs = 5000;

/**
 * The logs of all partitions of the topics. Leaders that move or are silent are asked again for 30 s, and
 * brokers that are out of reach for as long as the cluster's patience; after that, what they did not report is
 * left out. Throws DpError `unknown-topic`, and `kafka-failed` when no broker answers.
 */
export async function findTopicLogs(
  cluster: Cluster,
  names: readonly string[],
  offline: OfflinePartitions,
): Promise<TopicLogs> {
  let last: AskedLogs | undefined;
  const attempt = async (): Promise<TopicLogs> => {
    const topics = await describeTopicsOrFail(cluster, names);
    last = await askLeaders(cluster, topics);
    const retriable = findRetriable(last.failures, { cluster, offline });
    if (retriable !== undefined) throw retriable;
    return last;
  };
  try {
    return await retryWhileMoving({ cluster, attempt });
  } catch (thrown) {
    if (last?.failures.includes(thrown)) return last;
    throw thrown;
  }
}

interface AskedLogs extends TopicLogs {
  readonly failures: readonly unknown[];
}

/** The failure that may pass soonest; undefined when another attempt would come to the same. */
function findRetriable(
  failures: readonly unknown[],
  { cluster, offline }: { readonly cluster: Cluster; readonly offline: OfflinePartitions },
): unknown {
  const open = failures.filter(
    (failure) => offline === "await" || !(failure instanceof OfflineError),
  );
  const withProspect = (prospect: "moving" | "out-of-reach"): unknown =>
    open.find((failure) => prospectOf(failure, cluster) === prospect);
  return withProspect("moving") ?? withProspect("out-of-reach");
}

type Led = PartitionAt & Pick<PartitionMetadata, "leader" | "replicas" | "isr">;

/** Asks every leader once. */
async function askLeaders(cluster: Cluster, topics: readonly TopicMetadata[]): Promise<AskedLogs> {
  const logs = new Map<string, PartitionLog>();
  const failures: unknown[] = [];
  const all: Led[] = topics.flatMap(({ name: topic, partitions }) =>
    partitions.map(({ partition, leader, replicas, isr }) => {
      return { topic, partition, leader, replicas, isr };
    }),
  );
  const orNothing = <Answer>(answer: Promise<Answer[]>): Promise<Answer[]> =>
    answer.catch((thrown: unknown) => {
      failures.push(thrown);
      return [];
    });
  const askLeader = async (leader: number): Promise<void> => {
    const own = all.filter((one) => one.leader === leader);
    const [starts, ends, sizes] = await Promise.all([
      orNothing(cluster.ask(leader, listOffsetsRequest(own, earliestOffset), answerMs)),
      orNothing(cluster.ask(leader, listOffsetsRequest(own, latestOffset), answerMs)),
      orNothing(cluster.ask(leader, describeLogDirsRequest(groupByTopic(own)), answerMs)),
    ]);
    const [startOf, endOf, sizeOf] = [indexOf(starts), indexOf(ends), indexOf(sizes)];
    for (const one of own) {
      const [start, end] = [startOf.get(keyOf(one)), endOf.get(keyOf(one))];
      if (start === undefined || end === undefined) continue;
      const failed = [start, end].find(({ errorCode }) => errorCode !== noError);
      if (failed !== undefined) {
        failures.push(new BrokerError(`${one.topic}-${one.partition}`, failed.errorCode));
        continue;
      }
      const bytes = sizeOf.get(keyOf(one))?.bytes;
      logs.set(keyOf(one), { logStart: start.offset, end: end.offset, bytes });
    }
  };
  for (const one of all) if (one.leader < 0) failures.push(leaderless(cluster, one));
  const leaders = new Set(all.map(({ leader }) => leader).filter((leader) => leader >= 0));
  await Promise.all([...leaders].map(askLeader));
  return { topics, failures, find: (partition) => logs.get(keyOf(partition)) };
}

function keyOf({ topic, partition }: PartitionAt): string {
  return `${partition} ${topic}`;
}

function indexOf<One extends PartitionAt>(found: readonly One[]): ReadonlyMap<string, One> {
  return new Map(found.map((one) => [keyOf(one), one]));
}

function groupByTopic(
  partitions: readonly PartitionAt[],
): { readonly name: string; readonly partitions: readonly number[] }[] {
  const groups = new Map<string, number[]>();
  for (const { topic, partition } of partitions) {
    const group = groups.get(topic);
    if (group === undefined) groups.set(topic, [partition]);
    else group.push(partition);
  }
  return [...groups].map(([name, own]) => ({ name, partitions: own }));
}
