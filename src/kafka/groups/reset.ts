import { DpError } from "../../errors.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { askCoordinator, groupFailure, groupInUse } from "./coordinator.ts";
import { committedOffsets } from "./lag.ts";
import { rangesOf, startsOf, type LogRange } from "../read/log-ranges.ts";
import type { Start } from "../read/offsets.ts";
import {
  BrokerError,
  errorText,
  illegalGeneration,
  noError,
  rebalanceInProgress,
  unknownMemberId,
} from "../protocol/error-codes.ts";
import { offsetCommitRequest } from "../protocol/offset-requests.ts";
import type { PartitionAt } from "../protocol/read-requests.ts";

/** Where a group is set: a place in each log, or so many records on (or back, negative) from where it stands. */
export type ResetTo = Start | { readonly kind: "shift"; readonly by: number };

export interface PlannedOffset extends PartitionAt {
  readonly logStart: number;
  readonly end: number;
  /** Undefined where the group has committed none. */
  readonly committed: number | undefined;
  readonly offset: number;
  /** What was asked for, where that is not in the log: `offset` is the nearest that is. */
  readonly clampedFrom: number | undefined;
  /** Records that the group will not read, as offsets count. */
  readonly skipped: number;
  /** Records that it will read again. */
  readonly repeated: number;
}

export interface WantedReset {
  readonly group: string;
  /** Where the group has committed offsets; empty for all of them. */
  readonly topics: readonly string[];
  readonly partitions: readonly number[] | undefined;
  readonly to: ResetTo;
  readonly signal: AbortSignal;
}

/**
 * What a reset would set, changing nothing: every partition of the topics, or, without topics, of those
 * that the group has committed anything of. A shift leaves out partitions without a commit. Throws
 * DpError `refused` when there is nothing to set, and as rangesOf does.
 */
export async function planReset(cluster: Cluster, wanted: WantedReset): Promise<PlannedOffset[]> {
  const { group, partitions, to, signal } = wanted;
  const committed = await committedOffsets(cluster, { name: group });
  const known = [...new Set(committed.map(({ topic }) => topic))].toSorted();
  const topics = wanted.topics.length > 0 ? wanted.topics : known;
  if (topics.length === 0) throw nothingCommitted(group);
  const ranges = await rangesOf({ cluster, topics, partitions, signal });
  const places = to.kind === "shift" ? undefined : await startsOf(cluster, ranges, to);
  const planned = ranges.flatMap((range, index) => {
    const own = committed.find(
      ({ topic, partition }) => topic === range.topic && partition === range.partition,
    );
    const place = places?.[index];
    return planOffset(range, { committed: own?.offset, to, place }) ?? [];
  });
  if (planned.length === 0) throw nothingCommitted(group);
  return planned;
}

/**
 * The offset that one partition gets; undefined for a shift from nowhere. `place` is where a Start is in
 * this log. Pure.
 */
export function planOffset(
  { topic, partition, logStart, end }: Pick<LogRange, "topic" | "partition" | "logStart" | "end">,
  given: {
    readonly committed: number | undefined;
    readonly to: ResetTo;
    readonly place: number | undefined;
  },
): PlannedOffset | undefined {
  const { committed, to, place } = given;
  if (to.kind === "shift" && committed === undefined) return undefined;
  const asked = askedOffset(to, { committed, logStart, end });
  const offset = Math.min(Math.max(place ?? asked ?? end, logStart), end);
  const from = committed === undefined ? undefined : Math.min(Math.max(committed, logStart), end);
  return {
    topic,
    partition,
    logStart,
    end,
    committed,
    offset,
    clampedFrom: asked === undefined || asked === offset ? undefined : asked,
    skipped: from === undefined ? 0 : Math.max(0, offset - from),
    repeated: from === undefined ? 0 : Math.max(0, from - offset),
  };
}

/** Undefined for places that are always in the log. */
function askedOffset(
  to: ResetTo,
  log: { readonly committed: number | undefined; readonly logStart: number; readonly end: number },
): number | undefined {
  switch (to.kind) {
    case "shift":
      return (log.committed ?? log.logStart) + to.by;
    case "offset":
      return to.offset;
    case "from-start":
      return log.logStart + to.count;
    case "from-end":
      return log.end - to.count;
    case "start":
    case "end":
    case "time":
      return undefined;
  }
}

function nothingCommitted(group: string): DpError {
  return new DpError({
    code: "refused",
    message: `group ${group} has committed nothing there`,
    why: "there is no offset to move from, and no topic to take",
    next: `name one: dp group reset ${group} --topic TOPIC -o …`,
  });
}

/** What a commit from outside meets when the group has members. */
const ofMembers: readonly number[] = [illegalGeneration, unknownMemberId, rebalanceInProgress];

/**
 * Commits the offsets from outside, without joining; a group that is not there is made. Throws DpError
 * `refused` when the group has got members meanwhile.
 */
export async function applyReset(
  cluster: Cluster,
  reset: {
    readonly group: string;
    readonly planned: readonly PlannedOffset[];
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const { group, planned, signal } = reset;
  const message = `the offsets of group ${group} were not set`;
  const notAll = `not all offsets of group ${group} were set`;
  const request = offsetCommitRequest(group, planned);
  try {
    const results = await askCoordinator({
      cluster,
      group,
      request,
      // A coordinator that is not one says so for every partition.
      errorCodeOf: ([first]) => first?.errorCode ?? noError,
      signal,
    });
    const failed = results.filter(({ errorCode }) => errorCode !== noError);
    const [first] = failed;
    if (first === undefined) return;
    const code = first.errorCode;
    if (ofMembers.includes(code)) throw groupInUse(message, { group, code });
    throw new DpError({
      code: "kafka-failed",
      message: failed.length < results.length ? notAll : message,
      why: new BrokerError(request.name, code).message,
      evidence: failed.map(
        ({ topic, partition, errorCode }) =>
          `${topic} partition ${partition}: ${errorText(errorCode)}`,
      ),
      next: `dp group describe ${group}`,
    });
  } catch (error) {
    throw groupFailure(message, error);
  }
}
