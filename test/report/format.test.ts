import { expect, test } from "vitest";
import { formatAge, formatCount, formatDuration, formatSize } from "../../src/report/format.ts";

test.each([
  [-3, "0 ms"],
  [0, "0 ms"],
  [849.6, "850 ms"],
  [999.6, "1.0 s"],
  [1440, "1.4 s"],
  [59_940, "59.9 s"],
  [59_960, "1 m 00 s"],
  [125_000, "2 m 05 s"],
  [3_599_600, "1 h 00 m"],
  [11_220_000, "3 h 07 m"],
])("a duration of %d ms must read %s", (durationMs, text) => {
  expect(formatDuration(durationMs)).toBe(text);
});

test.each([
  [-5, "0 s"],
  [45_900, "45 s"],
  [60_000, "1 m"],
  [7_199_999, "1 h"],
  [86_400_000, "1 d"],
])("an age of %d ms must read %s", (ageMs, text) => {
  expect(formatAge(ageMs)).toBe(text);
});

test.each([
  [0, "0 B"],
  [999, "999 B"],
  [1000, "1.0 kB"],
  [9960, "10 kB"],
  [38_400, "38 kB"],
  [999_600, "1.0 MB"],
  [1_240_000_000, "1.2 GB"],
  [5e15, "5000 TB"],
])("a size of %d bytes must read %s", (bytes, text) => {
  expect(formatSize(bytes)).toBe(text);
});

test("a count must agree with its noun", () => {
  expect([0, 1, 3].map((count) => formatCount(count, "broker"))).toEqual([
    "0 brokers",
    "1 broker",
    "3 brokers",
  ]);
});
