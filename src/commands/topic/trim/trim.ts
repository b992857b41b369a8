import type { PartitionTrim } from "../../../kafka/topics/trim.ts";
import type { View } from "../../../report/choose.ts";
import { formatCount } from "../../../report/format.ts";
import { renderTable } from "../../../report/table.ts";

interface TrimDocument {
  readonly topic: string;
  readonly dryRun: boolean;
  /** Offsets that went, or would go: not more records than that. */
  readonly offsets: number;
  readonly partitions: readonly {
    readonly partition: number;
    readonly offsets: number;
    readonly logStart: number;
    readonly end: number;
  }[];
}

/** `logStart` is what it is after the trim. */
export function documentOf(
  topic: string,
  plan: readonly PartitionTrim[],
  { dryRun }: { readonly dryRun: boolean },
): TrimDocument {
  const partitions = plan.map(({ partition, logStart, end, before }) => {
    return { partition, offsets: before - logStart, logStart: before, end };
  });
  return { topic, dryRun, offsets: goneOf(plan), partitions };
}

function goneOf(plan: readonly PartitionTrim[]): number {
  return plan.reduce((sum, { before, logStart }) => sum + before - logStart, 0);
}

export function renderTrim(document: TrimDocument, { style, columns }: View): string {
  const { topic, dryRun, offsets, partitions } = document;
  const table = renderTable({
    columns: ["partition", "offsets", "start", "end"].map((header) => {
      return { header, align: "right" };
    }),
    rows: partitions.map((one) => [one.partition, one.offsets, one.logStart, one.end]),
    style,
    width: columns,
  });
  const verb = dryRun ? "would delete" : "deleted";
  return `${verb} ${formatCount(offsets, "offset")} of topic ${topic}\n${table}`;
}

const shownPartitions = 20;

/** With what goes of each partition. */
export function questionOf(topic: string, going: readonly PartitionTrim[]): string {
  const lines = going.slice(0, shownPartitions).map(({ partition, logStart, before, end }) => {
    const left = before === end ? "nothing is left" : `${before} to ${end - 1} stay`;
    return `partition ${partition}: ${formatCount(before - logStart, "offset")} (${logStart} to ${before - 1}); ${left}`;
  });
  const more = going.length - lines.length;
  if (more > 0) lines.push(`and ${formatCount(more, "more partition")}`);
  const records = `up to ${formatCount(goneOf(going), "record")}`;
  return `${lines.join("\n")}\nDelete ${records} of ${topic}?`;
}
