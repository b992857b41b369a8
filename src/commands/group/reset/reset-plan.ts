import type { PlannedOffset } from "../../../kafka/groups/reset.ts";
import type { View } from "../../../report/choose.ts";
import { formatCount } from "../../../report/format.ts";
import { renderTable } from "../../../report/table.ts";

/** What `dp group reset --json` prints. */
export interface ResetDocument {
  readonly group: string;
  /** The group is not there before the reset. */
  readonly created: boolean;
  /** False for a preview. */
  readonly applied: boolean;
  readonly partitions: readonly (Omit<PlannedOffset, "committed" | "clampedFrom"> & {
    readonly committed: number | null;
    readonly clampedFrom: number | null;
  })[];
}

export function resetDocument(reset: {
  readonly group: string;
  readonly created: boolean;
  readonly applied: boolean;
  readonly planned: readonly PlannedOffset[];
}): ResetDocument {
  const { planned, ...rest } = reset;
  const partitions = planned.map((one) => ({
    ...one,
    committed: one.committed ?? null,
    clampedFrom: one.clampedFrom ?? null,
  }));
  return { ...rest, partitions };
}

/** `group billing: 3 partitions, skips 120 records, repeats 30 records`. */
export function resetSummary({ group, created, partitions }: ResetDocument): string {
  const skipped = partitions.reduce((sum, one) => sum + one.skipped, 0);
  const repeated = partitions.reduce((sum, one) => sum + one.repeated, 0);
  return [
    `group ${group}${created ? " (made)" : ""}: ${formatCount(partitions.length, "partition")}`,
    ...(skipped > 0 ? [`skips ${formatCount(skipped, "record")}`] : []),
    ...(repeated > 0 ? [`repeats ${formatCount(repeated, "record")}`] : []),
  ].join(", ");
}

/** A line for each partition, or for the first `most` of them. */
export function renderReset(
  { partitions }: ResetDocument,
  { style, columns }: View,
  most = Number.POSITIVE_INFINITY,
): string {
  const clamped = partitions.some(({ clampedFrom }) => clampedFrom !== null);
  const more = partitions.length - most;
  const table = renderTable({
    columns: [
      { header: "topic", shrink: true },
      { header: "partition", align: "right" },
      { header: "current", align: "right" },
      { header: "new", align: "right" },
      { header: "change" },
      ...(clamped ? [{ header: "asked for" }] : []),
    ],
    rows: partitions
      .slice(0, most)
      .map((one) => [
        one.topic,
        one.partition,
        one.committed,
        one.offset,
        changeOf(one),
        ...(clamped ? [outsideOf(one)] : []),
      ]),
    style,
    width: columns,
  });
  return more > 0 ? `${table}… and ${formatCount(more, "partition")} more\n` : table;
}

function changeOf({ skipped, repeated }: ResetDocument["partitions"][number]): string | undefined {
  if (skipped > 0) return `skips ${skipped}`;
  return repeated > 0 ? `repeats ${repeated}` : undefined;
}

function outsideOf(one: ResetDocument["partitions"][number]): string | undefined {
  const { clampedFrom, logStart, end } = one;
  if (clampedFrom === null) return undefined;
  return clampedFrom > end
    ? `${clampedFrom}, beyond the end ${end}`
    : `${clampedFrom}, before the start ${logStart}`;
}
