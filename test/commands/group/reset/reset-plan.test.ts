import { expect, test } from "vitest";
import {
  renderReset,
  resetDocument,
  resetSummary,
} from "../../../../src/commands/group/reset/reset-plan.ts";
import type { PlannedOffset } from "../../../../src/kafka/groups/reset.ts";
import { plainStyle } from "../../../../src/report/style.ts";

const base = { topic: "orders", logStart: 10, end: 50, clampedFrom: undefined };
const planned: readonly PlannedOffset[] = [
  { ...base, partition: 0, committed: 20, offset: 30, skipped: 10, repeated: 0 },
  { ...base, partition: 1, committed: 20, offset: 15, skipped: 0, repeated: 5 },
  {
    ...base,
    partition: 2,
    committed: undefined,
    offset: 50,
    skipped: 0,
    repeated: 0,
    clampedFrom: 60,
  },
  { ...base, partition: 3, committed: 20, offset: 10, skipped: 0, repeated: 10, clampedFrom: -9 },
];
const document = resetDocument({ group: "billing", created: false, applied: false, planned });
const view = { style: plainStyle, columns: undefined };

function linesOf(most?: number): string[] {
  const lines = renderReset(document, view, most).trimEnd().split("\n");
  return lines.map((line) => line.replaceAll(/ +/g, " "));
}

test("a preview must tell what each partition skips and repeats, and what is not in the log", () => {
  expect(resetSummary(document)).toBe(
    "group billing: 4 partitions, skips 10 records, repeats 15 records",
  );
  expect(linesOf()).toEqual([
    "TOPIC PARTITION CURRENT NEW CHANGE ASKED-FOR",
    "orders 0 20 30 skips 10 -",
    "orders 1 20 15 repeats 5 -",
    "orders 2 - 50 - 60, beyond the end 50",
    "orders 3 20 10 repeats 10 -9, before the start 10",
  ]);
});

test("a question must not be longer than a screen", () => {
  expect(linesOf(1).slice(1)).toEqual(["orders 0 20 30 skips 10 -", "… and 3 partitions more"]);
  expect(linesOf(4)).toHaveLength(5);
});
