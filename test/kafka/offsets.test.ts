import { expect, test } from "vitest";
import { parseStart, positionOf } from "../../src/kafka/offsets.ts";

const now = Date.parse("2026-11-22T12:00:00Z");

test.each([
  ["start", { kind: "start" }],
  ["earliest", { kind: "start" }],
  ["beginning", { kind: "start" }],
  ["end", { kind: "end" }],
  ["latest", { kind: "end" }],
  ["42", { kind: "offset", offset: 42 }],
  ["0", { kind: "offset", offset: 0 }],
  ["+3", { kind: "from-start", count: 3 }],
  ["-10", { kind: "from-end", count: 10 }],
  ["@now", { kind: "time", timestamp: now }],
  ["@-1h", { kind: "time", timestamp: now - 3_600_000 }],
  ["@-1h30m", { kind: "time", timestamp: now - 5_400_000 }],
  ["@-500ms", { kind: "time", timestamp: now - 500 }],
  ["@+5s", { kind: "time", timestamp: now + 5000 }],
  ["@1790000000000", { kind: "time", timestamp: 1_790_000_000_000 }],
  ["@1790000000", { kind: "time", timestamp: 1_790_000_000_000 }],
  ["@2026-11-22T10:00:00Z", { kind: "time", timestamp: Date.parse("2026-11-22T10:00:00Z") }],
  [
    "@2026-11-22T10:00:00.5+02:00",
    { kind: "time", timestamp: Date.parse("2026-11-22T08:00:00.5Z") },
  ],
  ["@2026-11-22", { kind: "time", timestamp: new Date(2026, 10, 22).getTime() }],
  ["@2026-11-22T10:30", { kind: "time", timestamp: new Date(2026, 10, 22, 10, 30).getTime() }],
])("%s must be understood", (text, start) => {
  expect(parseStart(text, now)).toEqual(start);
});

test.each(["", "first", "@", "@yesterday", "1:5", "--3", "1.5", "@2026-13-40", "@-1x"])(
  '"%s" must be refused as wrong usage',
  (text) => {
    expect(() => parseStart(text, now)).toThrow(expect.objectContaining({ code: "usage" }));
  },
);

test("a start must stay within the log", () => {
  const log = { logStart: 100, end: 200, timed: undefined };
  expect(positionOf({ kind: "start" }, log)).toBe(100);
  expect(positionOf({ kind: "end" }, log)).toBe(200);
  expect(positionOf({ kind: "offset", offset: 5 }, log)).toBe(100);
  expect(positionOf({ kind: "offset", offset: 150 }, log)).toBe(150);
  expect(positionOf({ kind: "offset", offset: 999 }, log)).toBe(200);
  expect(positionOf({ kind: "from-start", count: 10 }, log)).toBe(110);
  expect(positionOf({ kind: "from-end", count: 10 }, log)).toBe(190);
  expect(positionOf({ kind: "from-end", count: 1000 }, log)).toBe(100);
});

test("a time after the last record must be the end", () => {
  const log = { logStart: 100, end: 200 };
  const start = { kind: "time", timestamp: 1 } as const;
  expect(positionOf(start, { ...log, timed: -1 })).toBe(200);
  expect(positionOf(start, { ...log, timed: 120 })).toBe(120);
});
