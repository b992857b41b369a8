import { DpError, messageOf } from "../../errors.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { requestMs } from "../cluster/controller.ts";
import { prospectOf, retryWhileMoving } from "../cluster/moving.ts";
import { leaderless, rangesOf, startsOf } from "../read/log-ranges.ts";
import type { Start } from "../read/offsets.ts";
import { topicFailure } from "./topic-failure.ts";
import { mayBeCarriedOut } from "../connection/connection-error.ts";
import { deleteRecordsRequest, type TrimPoint } from "../protocol/admin-requests.ts";
import {
  BrokerError,
  errorName,
  errorText,
  noError,
  unknownServerError,
} from "../protocol/error-codes.ts";

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

export interface Trimmed {
  /** Of each partition that was trimmed: its first offset that is left. */
  readonly logStarts: ReadonlyMap<number, number>;
  /** One for each partition that was not, with the broker's words. */
  readonly failures: readonly DpError[];
}

/**
 * Deletes what the plan says. Partitions whose leader moves meanwhile are asked again for 30 s. Throws
 * DpError when no broker answers.
 */
export async function trimTopic(options: {
  readonly cluster: Cluster;
  readonly topic: string;
  readonly plan: readonly PartitionTrim[];
  readonly signal: AbortSignal;
}): Promise<Trimmed> {
  const { cluster, topic, plan, signal } = options;
  const logStarts = new Map<number, number>();
  let open = plan.map(({ partition, before }) => ({ topic, partition, before }));
  let failed: readonly Failed[] = [];
  const attempt = async (): Promise<void> => {
    const answers = await askLeaders(cluster, topic, open);
    for (const { point, logStart } of answers) {
      if (logStart !== undefined) logStarts.set(point.partition, logStart);
    }
    failed = answers.filter((answer) => answer.logStart === undefined);
    open = failed.map(({ point }) => point);
    const passing = failed.find(({ error }) => prospectOf(error, cluster) !== "final");
    if (passing !== undefined) throw passing.error;
  };
  try {
    await retryWhileMoving({ cluster, attempt, signal });
  } catch (error) {
    signal.throwIfAborted();
    if (failed.length === 0) throw error;
  }
  return { logStarts, failures: failed.map((answer) => failureOf(topic, answer)) };
}

interface Trim {
  readonly point: TrimPoint;
  readonly logStart: number;
}

interface Failed {
  readonly point: TrimPoint;
  readonly logStart?: undefined;
  readonly error: unknown;
}

async function askLeaders(
  cluster: Cluster,
  topic: string,
  points: readonly TrimPoint[],
): Promise<(Trim | Failed)[]> {
  const metadata = await cluster.metadata([topic]);
  const partitions = metadata.topics[0]?.partitions ?? [];
  const led = points.map((point) => {
    const found = partitions.find(({ partition }) => partition === point.partition);
    return { ...found, ...point, leader: found?.leader ?? -1 };
  });
  const leaders = [...new Set(led.map(({ leader }) => leader))];
  const answers = await Promise.all(
    leaders.map(async (leader): Promise<(Trim | Failed)[]> => {
      const own = led.filter((one) => one.leader === leader);
      if (leader < 0) return own.map((point) => ({ point, error: leaderless(cluster, point) }));
      const request = deleteRecordsRequest(own, requestMs);
      try {
        const results = await cluster.ask(leader, request, requestMs + 1000);
        return own.map((point) => {
          const result = results.find(({ partition }) => partition === point.partition);
          if (result?.errorCode === noError) return { point, logStart: result.logStart };
          const code = result?.errorCode ?? unknownServerError;
          return { point, error: new BrokerError(request.name, code) };
        });
      } catch (error) {
        return own.map((point) => ({ point, error }));
      }
    }),
  );
  return answers.flat();
}

function failureOf(topic: string, { point, error }: Failed): DpError {
  const message = `topic "${topic}" partition ${point.partition} was not trimmed`;
  if (!(error instanceof BrokerError)) {
    const more = mayBeCarriedOut(error) ? ". The request may still be carried out" : "";
    const why = `${messageOf(error)}${more}`;
    return new DpError({ code: "kafka-failed", message, why, next: "dp status", cause: error });
  }
  if (errorName(error.code) === "POLICY_VIOLATION") {
    return new DpError({
      code: "kafka-failed",
      message,
      why: `${errorText(error.code)}; brokers trim only topics whose cleanup.policy has delete`,
      next: `dp topic alter ${topic} --set cleanup.policy=compact,delete, trim, and set it back; or write tombstones`,
    });
  }
  const result = { errorCode: error.code };
  return (
    topicFailure(result, { message, topic, right: "Delete" }) ??
    new DpError({ code: "kafka-failed", message, why: error.message, next: "dp status" })
  );
}
