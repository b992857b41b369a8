import { expect, test } from "vitest";
import { judgeGroup } from "../../src/smoke/checks/group.ts";
import type { GroupRead } from "../../src/smoke/model.ts";

/** Offsets of each partition that a turn read, from and up to; it commits where it stopped. */
function turn(ranges: Readonly<Record<number, readonly [from: number, to: number]>>): GroupRead {
  const entries = Object.entries(ranges).map(([id, range]) => [Number(id), range] as const);
  return {
    records: entries.flatMap(([partition, [from, to]]) =>
      Array.from({ length: to - from }, (_, index) => ({ partition, offset: from + index })),
    ),
    committed: new Map(entries.map(([partition, [, to]]) => [partition, to])),
  };
}

const healthy = {
  ends: new Map([
    [0, 10],
    [1, 10],
  ]),
  first: turn({ 0: [0, 10], 1: [0, 4] }),
  second: turn({ 1: [4, 10] }),
  undeleted: undefined,
};

test("a group that resumes where it committed must pass", () => {
  expect(judgeGroup(healthy)).toEqual({
    verdict: "passed",
    evidence:
      "14 and 6 records in two turns, resumed at the committed offsets, 0 skipped, 0 repeated",
  });
});

test.each<[fault: string, planted: Partial<Parameters<typeof judgeGroup>[0]>, evidence: string]>([
  [
    "a group that repeats a record",
    { second: turn({ 1: [3, 10] }) },
    "14 and 7 records in two turns: partition 1 resumed at 3, committed was 4; 1 repeated",
  ],
  [
    "a group that skips a record",
    { second: turn({ 1: [5, 10] }) },
    "14 and 5 records in two turns: partition 1 resumed at 5, committed was 4; 1 skipped",
  ],
  [
    "a group that begins again",
    { second: turn({ 0: [0, 10] }) },
    "14 and 10 records in two turns: partition 0 resumed at 0, committed was 10; partition 1 committed 4 of 10; 6 skipped; 10 repeated",
  ],
  [
    "a commit that was lost",
    { second: { ...healthy.second, committed: new Map<number, number>() } },
    "14 and 6 records in two turns: partition 1 committed 4 of 10",
  ],
  [
    "a group that can't be deleted",
    { undeleted: "NON_EMPTY_GROUP" },
    "14 and 6 records in two turns: not deleted: NON_EMPTY_GROUP",
  ],
])("%s must fail", (_, planted, evidence) => {
  expect(judgeGroup({ ...healthy, ...planted })).toEqual({ verdict: "failed", evidence });
});

test("a group that read all in its first turn has proved no resuming and must fail", () => {
  const first = turn({ 0: [0, 10], 1: [0, 10] });
  expect(judgeGroup({ ...healthy, first, second: turn({}) }).verdict).toBe("failed");
});
