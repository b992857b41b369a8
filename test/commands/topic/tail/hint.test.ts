import { expect, test } from "vitest";
import { nothingThere, silenceHint } from "../../../../src/commands/topic/tail/hint.ts";

const partition = (number: number, log: { logStart: number; end: number }, topic = "orders") => ({
  topic,
  partition: number,
  leader: 1,
  ...log,
});

const filled = { logStart: 2, end: 10 };
const empty = { logStart: 0, end: 0 };

test("who sees nothing must be told where dp reads, and what shows something", () => {
  const partitions = [
    { ...partition(0, filled), from: 10 },
    { ...partition(2, filled), from: 10 },
  ];
  expect(silenceHint({ partitions, unmatched: 0 })).toBe(
    "nothing yet from orders (partitions 0, 2 from the end: offset 10, 10); -o start shows what is there",
  );
});

test("an empty topic must be told to be empty, without advice", () => {
  const partitions = [{ ...partition(0, empty), from: 0 }];
  expect(silenceHint({ partitions, unmatched: 0 })).toBe("nothing yet from orders (empty)");
});

test("records that were read and did not match must be told", () => {
  const partitions = [{ ...partition(0, filled), from: 2 }];
  expect(silenceHint({ partitions, unmatched: 8 })).toBe(
    "none of 8 records matches yet from orders (partition 0 from offset 2)",
  );
});

test("a range without records must be told with what the logs hold", () => {
  const many = Array.from({ length: 8 }, (_, index) => partition(index, filled));
  expect(nothingThere([...many, partition(0, empty, "payments")])).toBe(
    "nothing to read: orders (partitions 0, 1, 2, 3, 4, 5, … 2 more: offsets 2:10, 2:10, 2:10, 2:10, 2:10, 2:10, … 2 more), payments (empty)",
  );
});
