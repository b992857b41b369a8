import { DpError, messageOf } from "../errors.ts";
import type { Cluster } from "./cluster.ts";
import { rangesOf, type LogRange } from "./log-ranges.ts";
import { findCoordinatorRequest } from "./wire/coordination-requests.ts";
import { BrokerError, noError } from "./wire/error-codes.ts";
import { offsetFetchRequest, type CommittedOffset } from "./wire/offset-requests.ts";

const answerMs = 3000;

/**
 * How many records a group has not committed yet, over all topics that it has committed anything of;
 * undefined for a group that has committed nothing. Joins no group. Throws DpError `kafka-failed`.
 */
export async function lagOf(
  cluster: Cluster,
  { group, signal }: { readonly group: string; readonly signal: AbortSignal },
): Promise<number | undefined> {
  const committed = await committedOffsets(cluster, group);
  const topics = [...new Set(committed.map(({ topic }) => topic))];
  if (topics.length === 0) return undefined;
  return sumLag(await rangesOf({ cluster, topics, signal }), committed);
}

async function committedOffsets(cluster: Cluster, group: string): Promise<CommittedOffset[]> {
  try {
    const { brokers } = await cluster.metadata([]);
    const found = await cluster.ask(brokers[0]?.id ?? -1, findCoordinatorRequest(group), answerMs);
    if (found.errorCode !== noError) throw new BrokerError("FindCoordinator", found.errorCode);
    const answer = await cluster.ask(found.node, offsetFetchRequest(group), answerMs);
    if (answer.errorCode !== noError) throw new BrokerError("OffsetFetch", answer.errorCode);
    const failed = answer.offsets.find(({ errorCode }) => errorCode !== noError);
    if (failed) throw new BrokerError("OffsetFetch", failed.errorCode);
    return answer.offsets.filter(({ offset }) => offset >= 0);
  } catch (error) {
    if (error instanceof DpError) throw error;
    throw new DpError({
      code: "kafka-failed",
      message: `the offsets of group ${group} can't be read`,
      why: messageOf(error),
      next: "dp status",
      cause: error,
    });
  }
}

/**
 * The records behind the committed offsets. What retention has removed counts no more, and a partition
 * without an offset counts whole: its group would begin at the start. Pure.
 */
export function sumLag(
  ranges: readonly Pick<LogRange, "topic" | "partition" | "logStart" | "end">[],
  committed: readonly Pick<CommittedOffset, "topic" | "partition" | "offset">[],
): number {
  return ranges.reduce((sum, { topic, partition, logStart, end }) => {
    const own = committed.find((one) => one.topic === topic && one.partition === partition);
    return sum + Math.max(0, end - Math.max(logStart, own?.offset ?? logStart));
  }, 0);
}
