import { expect, test } from "vitest";
import { planOffset, type ResetTo } from "../../../src/kafka/groups/reset.ts";
import { partitionLags, sumLag } from "../../../src/kafka/groups/lag.ts";

test("lag must count what is left behind the commits, and partitions without one as a whole", () => {
  const ranges = [
    { topic: "a", partition: 0, logStart: 0, end: 10 },
    { topic: "a", partition: 1, logStart: 5, end: 10 },
    { topic: "a", partition: 2, logStart: 2, end: 4 },
    { topic: "b", partition: 0, logStart: 0, end: 3 },
  ];
  const committed = [
    { topic: "a", partition: 0, offset: 7 },
    { topic: "a", partition: 1, offset: 1 },
    { topic: "b", partition: 0, offset: 9 },
  ];
  const lags = partitionLags(ranges, committed);
  expect(lags.map(({ lag }) => lag)).toEqual([3, 5, 2, 0]);
  expect(lags.map((one) => one.committed)).toEqual([7, 1, undefined, 9]);
  expect(sumLag(lags)).toBe(10);
});

const log = { topic: "a", partition: 0, logStart: 10, end: 50 };

test.each<[ResetTo, { committed?: number; place?: number }, object]>([
  [{ kind: "start" }, { committed: 30, place: 10 }, { offset: 10, skipped: 0, repeated: 20 }],
  [{ kind: "end" }, { committed: 30, place: 50 }, { offset: 50, skipped: 20, repeated: 0 }],
  [
    { kind: "offset", offset: 4 },
    { committed: 30, place: 10 },
    { offset: 10, clampedFrom: 4 },
  ],
  [{ kind: "from-end", count: 99 }, { committed: 30, place: 10 }, { clampedFrom: -49 }],
  [{ kind: "from-start", count: 5 }, { place: 15 }, { offset: 15, skipped: 0, repeated: 0 }],
  [{ kind: "shift", by: 5 }, { committed: 30 }, { offset: 35, skipped: 5, clampedFrom: undefined }],
  [{ kind: "shift", by: 90 }, { committed: 30 }, { offset: 50, skipped: 20, clampedFrom: 120 }],
  // Retention has passed the group: what is gone is neither skipped nor repeated.
  [{ kind: "shift", by: 10 }, { committed: 5 }, { offset: 15, skipped: 5, clampedFrom: undefined }],
  [{ kind: "start" }, { committed: 5, place: 10 }, { offset: 10, skipped: 0, repeated: 0 }],
])("a reset to %j of a group at %j must be planned within the log", (to, given, expected) => {
  const { committed, place } = given;
  expect(planOffset(log, { committed, place, to })).toMatchObject(expected);
});

test("a shift must leave out a partition without a commit", () => {
  const to = { kind: "shift", by: 1 } as const;
  expect(planOffset(log, { committed: undefined, place: undefined, to })).toBeUndefined();
});
