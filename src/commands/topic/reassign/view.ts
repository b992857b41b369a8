import type { ReplicaMove } from "../../../kafka/topics/replica-plan.ts";
import type { OngoingReassignment } from "../../../kafka/topics/reassign.ts";
import type { View } from "../../../report/choose.ts";
import { renderTable } from "../../../report/table.ts";

export interface MoveDocument {
  readonly topic: string;
  readonly partition: number;
  readonly before: readonly number[];
  readonly after: readonly number[];
}

export function toDocument({ topic, partition, before, replicas }: ReplicaMove): MoveDocument {
  return { topic, partition, before, after: replicas };
}

/** `orders, payments` or `orders and 12 more topics` */
export function topicsOf(moves: readonly { readonly topic: string }[]): string {
  const topics = [...new Set(moves.map(({ topic }) => topic))];
  if (topics.length <= 3) return topics.join(", ");
  return `${topics[0]} and ${topics.length - 1} more topics`;
}

/** `3 partitions of orders` */
export function describeMoves(moves: readonly { readonly topic: string }[]): string {
  return `${moves.length} ${moves.length === 1 ? "partition" : "partitions"} of ${topicsOf(moves)}`;
}

export function renderMoves(moves: readonly MoveDocument[], { style, columns }: View): string {
  if (moves.length === 0) return "nothing to move: every partition is there already\n";
  return renderTable({
    columns: [
      { header: "topic", shrink: true },
      { header: "partition", align: "right" },
      { header: "before" },
      { header: "after" },
    ],
    rows: moves.map(({ topic, partition, before, after }) => [
      topic,
      partition,
      before.join(),
      after.join(),
    ]),
    style,
    width: columns,
  });
}

export function renderOngoing(
  ongoing: readonly OngoingReassignment[],
  { style, columns }: View,
): string {
  if (ongoing.length === 0) return "no partition is being moved\n";
  return renderTable({
    columns: [
      { header: "topic", shrink: true },
      { header: "partition", align: "right" },
      { header: "replicas" },
      { header: "adding" },
      { header: "removing" },
    ],
    rows: ongoing.map(({ topic, partition, replicas, adding, removing }) => [
      topic,
      partition,
      replicas.join(),
      adding.join(),
      removing.join(),
    ]),
    style,
    width: columns,
  });
}
