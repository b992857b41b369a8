import type { Cluster } from "../../../kafka/cluster/cluster.ts";
import { describeTopicsOrFail } from "../../../kafka/read/log-ranges.ts";
import {
  awaitReassignments,
  cancelReassignments,
  listReassignments,
  startReassignments,
} from "../../../kafka/topics/reassign.ts";
import type { ReplicaMove } from "../../../kafka/topics/replica-plan.ts";
import type { OngoingReassignment } from "../../../kafka/topics/reassign.ts";
import type { Report } from "../../../report/choose.ts";
import { plainStyle } from "../../../report/style.ts";
import type { ReassignOptions, ReassignWish } from "./options.ts";
import { planMoves } from "./plan-moves.ts";
import {
  describeMoves,
  renderMoves,
  renderOngoing,
  toDocument,
  topicsOf,
  type MoveDocument,
} from "./view.ts";

export interface ReassignInput {
  readonly cluster: Cluster;
  readonly wish: ReassignWish;
  /** None means all. */
  readonly topics: readonly string[];
  readonly options: Pick<ReassignOptions, "dryRun" | "detach">;
  readonly report: Report;
  readonly signal: AbortSignal;
}

/** Shows, cancels or moves, as wished, and tells the result. */
export async function reassign(input: ReassignInput): Promise<void> {
  const { wish } = input;
  switch (wish.kind) {
    case "show":
      return show(input);
    case "cancel":
      return cancel(input);
    case "explicit":
    case "spread":
      return move(input, wish);
  }
}

async function show(input: ReassignInput): Promise<void> {
  const ongoing = await ongoingOf(input);
  input.report.result({ reassignments: ongoing }, (view) => renderOngoing(ongoing, view));
}

async function cancel(input: ReassignInput): Promise<void> {
  const ongoing = await ongoingOf(input);
  await cancelReassignments(input.cluster, ongoing, input.signal);
  const cancelled = ongoing.map(({ topic, partition }) => ({ topic, partition }));
  input.report.result({ cancelled }, () =>
    cancelled.length === 0
      ? "no partition is being moved\n"
      : `cancelled: ${describeMoves(cancelled)} stay where they were\n`,
  );
}

async function ongoingOf({ cluster, topics }: ReassignInput): Promise<OngoingReassignment[]> {
  await describeTopicsOrFail(cluster, topics);
  const ongoing = await listReassignments(cluster);
  return ongoing.filter(({ topic }) => topics.length === 0 || topics.includes(topic));
}

async function move(
  input: ReassignInput,
  wish: Extract<ReassignWish, { kind: "explicit" | "spread" }>,
): Promise<void> {
  const { cluster, topics, options, report } = input;
  const { dryRun = false, detach = false } = options;
  const planned = await planMoves(cluster, wish, topics);
  const moves = planned.map(toDocument);
  if (dryRun || moves.length === 0) {
    report.result({ dryRun, moves, done: moves.length === 0 }, (view) => renderMoves(moves, view));
    return;
  }
  const text = renderMoves(moves, { style: plainStyle, columns: undefined });
  report.emit({ type: "plan", text, changes: moves.length });
  await startReassignments(cluster, planned);
  if (!detach) await follow(input, planned);
  report.result({ dryRun, moves, done: !detach }, () => describeOutcome(moves, detach));
}

function describeOutcome(moves: readonly MoveDocument[], detach: boolean): string {
  if (!detach) return `moved ${describeMoves(moves)}\n`;
  return `moving ${describeMoves(moves)}: dp topic reassign shows what is left\n`;
}

/** Kafka moves the data by itself: an interruption ends only the wait. */
async function follow(
  { cluster, report, signal }: ReassignInput,
  moves: readonly ReplicaMove[],
): Promise<void> {
  const target = topicsOf(moves);
  const step = { type: "step", id: "reassign", target, action: "move" } as const;
  const startedAt = performance.now();
  report.emit({ ...step, state: "start" });
  const told = (left: number): void => {
    const [current, total] = [moves.length - left, moves.length];
    report.emit({ type: "progress", target, text: "partitions", current, total });
  };
  try {
    await awaitReassignments({ cluster, partitions: moves, signal, told });
  } catch (thrown) {
    if (signal.aborted) {
      const text =
        "Kafka goes on moving them: dp topic reassign shows what is left, with --cancel it is taken back";
      report.emit({ type: "note", level: "info", text });
    }
    throw thrown;
  }
  const durationMs = Math.round(performance.now() - startedAt);
  report.emit({ ...step, state: "done", durationMs });
}
