import { setTimeout as sleep } from "node:timers/promises";
import { DpError, messageOf } from "../../errors.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { requestMs } from "../cluster/controller.ts";
import { rangesOf, startsOf } from "../read/log-ranges.ts";
import type { Start } from "../read/offsets.ts";
import { topicFailure } from "./topic-failure.ts";
import { deleteRecordsRequest, type TrimPoint } from "../wire/admin-requests.ts";
import { isLasting } from "../wire/connection-error.ts";
import { errorName, errorText, isPassing, noError } from "../wire/error-codes.ts";

/** What a trim takes of one partition. */
export interface PartitionTrim {
  readonly partition: number;
  readonly logStart: number;
  readonly end: number;
  /** The first offset that is left. */
  readonly before: number;
}

/**
 * What goes when all before `start` is deleted, by partition. Throws DpError for unknown topics and
 * partitions, and `usage` for an offset that a partition has not reached: more likely mistyped than meant.
 */
export async function planTrim(options: {
  readonly cluster: Cluster;
  readonly topic: string;
  readonly start: Start;
  readonly partitions: readonly number[] | undefined;
  readonly signal: AbortSignal;
}): Promise<PartitionTrim[]> {
  const { cluster, topic, start, partitions, signal } = options;
  const ranges = await rangesOf({ cluster, topics: [topic], partitions, signal });
  const starts = await startsOf(cluster, ranges, start);
  return ranges.map(({ partition, logStart, end }, index) => {
    if (start.kind === "offset" && start.offset > end) throw beyondEnd(topic, { partition, end });
    const before = starts[index] ?? logStart;
    return { partition, logStart, end, before };
  });
}

function beyondEnd(
  topic: string,
  { partition, end }: { readonly partition: number; readonly end: number },
): DpError {
  return new DpError({
    code: "usage",
    message: `partition ${partition} of ${topic} ends at offset ${end}`,
    why: "all of it would go: -o end says so",
    next: `dp topic describe ${topic}; -p takes only some partitions`,
  });
}

const retryMs = 100;

export interface Trimmed {
  /** Of each partition that was trimmed: its first offset that is left. */
  readonly logStarts: ReadonlyMap<number, number>;
  /** One for each partition that was not, with the broker's words. */
  readonly failures: readonly DpError[];
}

/**
 * Deletes what the plan says. Partitions whose leader moves meanwhile are asked again, as long as the
 * cluster's patience.
 */
export async function trimTopic(options: {
  readonly cluster: Cluster;
  readonly topic: string;
  readonly plan: readonly PartitionTrim[];
  readonly signal: AbortSignal;
}): Promise<Trimmed> {
  const { cluster, topic, plan, signal } = options;
  const deadline = performance.now() + cluster.patienceMs;
  const logStarts = new Map<number, number>();
  let open = plan.map(({ partition, before }) => ({ topic, partition, before }));
  for (;;) {
    signal.throwIfAborted();
    const answers = await askLeaders(cluster, topic, open);
    for (const { point, logStart } of answers) {
      if (logStart !== undefined) logStarts.set(point.partition, logStart);
    }
    const failed = answers.filter(({ logStart }) => logStart === undefined);
    const mayPass = failed.some((answer) => answer.mayPass);
    if (!mayPass || performance.now() > deadline) {
      return { logStarts, failures: failed.map((answer) => failureOf(topic, answer)) };
    }
    open = failed.map(({ point }) => point);
    await sleep(retryMs, undefined, { signal });
  }
}

interface Answer {
  readonly point: TrimPoint;
  /** Undefined when the partition was not trimmed. */
  readonly logStart?: number;
  /** What the broker said; undefined when it did not answer. */
  readonly errorCode?: number;
  readonly why?: string;
  /** Whether the same may work in a moment. */
  readonly mayPass?: boolean;
}

async function askLeaders(
  cluster: Cluster,
  topic: string,
  points: readonly TrimPoint[],
): Promise<Answer[]> {
  const metadata = await cluster.metadata([topic]);
  const partitions = metadata.topics[0]?.partitions ?? [];
  const leaderOf = new Map(partitions.map(({ partition, leader }) => [partition, leader]));
  const leaders = [...new Set(points.map(({ partition }) => leaderOf.get(partition) ?? -1))];
  const answers = await Promise.all(
    leaders.map(async (leader): Promise<Answer[]> => {
      const own = points.filter(({ partition }) => (leaderOf.get(partition) ?? -1) === leader);
      if (leader < 0) {
        return own.map((point) => ({ point, why: "it has no leader", mayPass: true }));
      }
      try {
        const request = deleteRecordsRequest(own, requestMs);
        const results = await cluster.ask(leader, request, requestMs + 1000);
        return own.map((point): Answer => {
          const result = results.find(({ partition }) => partition === point.partition);
          if (result?.errorCode === noError) return { point, logStart: result.logStart };
          const errorCode = result?.errorCode ?? -1;
          return { point, errorCode, mayPass: isPassing(errorCode) };
        });
      } catch (error) {
        const why = `broker ${leader}: ${messageOf(error)}`;
        return own.map((point) => ({ point, why, mayPass: !isLasting(error) }));
      }
    }),
  );
  return answers.flat();
}

function failureOf(topic: string, { point, errorCode, why }: Answer): DpError {
  const message = `topic "${topic}" partition ${point.partition} was not trimmed`;
  if (errorCode !== undefined && errorName(errorCode) === "POLICY_VIOLATION") {
    return new DpError({
      code: "kafka-failed",
      message,
      why: `${errorText(errorCode)}; brokers trim only topics whose cleanup.policy has delete`,
      next: `dp topic alter ${topic} --set cleanup.policy=compact,delete, trim, and set it back; or write tombstones`,
    });
  }
  const failure =
    errorCode === undefined
      ? undefined
      : topicFailure({ errorCode }, { message, topic, right: "Delete" });
  return failure ?? new DpError({ code: "kafka-failed", message, why, next: "dp status" });
}
