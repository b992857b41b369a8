import { expect, test } from "vitest";
import { mergeLast } from "../../../src/kafka/read/last-records.ts";

const records = (name: string, ...timestamps: number[]) =>
  timestamps.map((timestamp, index) => ({ id: `${name}${index}`, timestamp }));

test("the last of all partitions must come out in the order of time", () => {
  const merged = mergeLast([records("a", 1, 4, 7), records("b", 2, 5, 6)], 4);
  expect(merged.map(({ id }) => id)).toEqual(["a1", "b1", "b2", "a2"]);
});

test("more than there are must give all", () => {
  expect(mergeLast([records("a", 1, 3), [], records("b", 2)], 10)).toHaveLength(3);
  expect(mergeLast([], 10)).toEqual([]);
});

test("records of one partition must keep their order whatever their timestamps", () => {
  const merged = mergeLast([records("a", 9, 1, 5), records("b", 4)], 4);
  const own = merged.map(({ id }) => id).filter((id) => id.startsWith("a"));
  expect(own).toEqual(["a0", "a1", "a2"]);
});
