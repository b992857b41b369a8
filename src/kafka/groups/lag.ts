import type { Cluster } from "../cluster/cluster.ts";
import { askCoordinator, groupFailure } from "./coordinator.ts";
import { rangesOf, type LogRange } from "../read/log-ranges.ts";
import { BrokerError, noError } from "../protocol/error-codes.ts";
import { offsetFetchRequest, type CommittedOffset } from "../protocol/offset-requests.ts";
import type { PartitionAt } from "../protocol/read-requests.ts";

export interface PartitionLag extends LogRange {
  /** Undefined where the group has committed none: it would begin at the start. */
  readonly committed: number | undefined;
  /** Records behind the commit that are left, as offsets count. */
  readonly lag: number;
}

/** A group as its lag is asked for. */
interface AskedGroup {
  readonly name: string;
  /** The broker that coordinated it a moment ago. */
  readonly coordinator?: number | undefined;
  /** What its members read: counts also where nothing is committed. */
  readonly assigned?: readonly PartitionAt[] | undefined;
}

/**
 * How many records a group has not committed yet, over all topics that it has committed anything of;
 * undefined for a group that has committed nothing. Joins no group. Throws DpError `kafka-failed`.
 */
export async function lagOf(
  cluster: Cluster,
  { group, signal }: { readonly group: string; readonly signal: AbortSignal },
): Promise<number | undefined> {
  const [lags] = await lagsOf(cluster, { groups: [{ name: group }], signal });
  return lags?.some(({ committed }) => committed !== undefined) ? sumLag(lags) : undefined;
}

/**
 * Each group's lag in every partition of the topics that it has committed anything of, or that its
 * members read; a topic that is gone is left out. Joins no group. Throws DpError `kafka-failed`.
 */
export async function lagsOf(
  cluster: Cluster,
  asked: { readonly groups: readonly AskedGroup[]; readonly signal: AbortSignal },
): Promise<PartitionLag[][]> {
  const { groups, signal } = asked;
  const own = await Promise.all(
    groups.map(async (group) => {
      const committed = await committedOffsets(cluster, group);
      const read = [...committed, ...(group.assigned ?? [])];
      return { committed, topics: new Set(read.map(({ topic }) => topic)) };
    }),
  );
  const wanted = [...new Set(own.flatMap(({ topics }) => [...topics]))].toSorted();
  if (wanted.length === 0) return own.map(() => []);
  const { topics } = await cluster.metadata(wanted);
  const there = topics.filter(({ partitions }) => partitions.length > 0).map(({ name }) => name);
  const ranges = there.length === 0 ? [] : await rangesOf({ cluster, topics: there, signal });
  return own.map((group) =>
    partitionLags(
      ranges.filter(({ topic }) => group.topics.has(topic)),
      group.committed,
    ),
  );
}

/** What a group has committed. Throws DpError `kafka-failed`. */
export async function committedOffsets(
  cluster: Cluster,
  { name, coordinator }: AskedGroup,
): Promise<CommittedOffset[]> {
  const request = offsetFetchRequest(name);
  try {
    const answer = await askCoordinator({
      cluster,
      group: name,
      request,
      errorCodeOf: ({ errorCode }) => errorCode,
      at: coordinator,
    });
    const failed = [answer, ...answer.offsets].find(({ errorCode }) => errorCode !== noError);
    if (failed !== undefined) throw new BrokerError(request.name, failed.errorCode);
    return answer.offsets.filter(({ offset }) => offset >= 0);
  } catch (error) {
    throw groupFailure(`the offsets of group ${name} can't be read`, error);
  }
}

/**
 * The records behind the committed offsets. What retention has removed counts no more, and a partition
 * without an offset counts whole: its group would begin at the start. Pure.
 */
export function partitionLags<
  Range extends Pick<LogRange, "topic" | "partition" | "logStart" | "end">,
>(
  ranges: readonly Range[],
  committed: readonly Pick<CommittedOffset, "topic" | "partition" | "offset">[],
): (Range & Pick<PartitionLag, "committed" | "lag">)[] {
  const offsets = new Map(committed.map((one) => [`${one.partition} ${one.topic}`, one.offset]));
  return ranges.map((range) => {
    const own = offsets.get(`${range.partition} ${range.topic}`);
    const lag = Math.max(0, range.end - Math.max(range.logStart, own ?? range.logStart));
    return { ...range, committed: own, lag };
  });
}

export function sumLag(lags: readonly Pick<PartitionLag, "lag">[]): number {
  return lags.reduce((sum, { lag }) => sum + lag, 0);
}
