import { afterEach, expect, test, vi } from "vitest";
import {
  parseRange,
  parseStart,
  positionOf,
  timesText,
  type OffsetRange,
} from "../../../src/kafka/read/offsets.ts";

const now = Date.parse("2026-11-22T12:00:00Z");
const at = (text: string) => ({ kind: "time", timestamp: Date.parse(text) }) as const;

afterEach(() => vi.unstubAllEnvs());

test.each([
  ["start", { kind: "start" }],
  ["earliest", { kind: "start" }],
  ["beginning", { kind: "start" }],
  ["oldest", { kind: "start" }],
  ["end", { kind: "end" }],
  ["latest", { kind: "end" }],
  ["newest", { kind: "end" }],
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
  ["@2026-11-22T10:00:00Z", at("2026-11-22T10:00:00Z")],
  ["@2026-11-22T10:00:00.5+02:00", at("2026-11-22T08:00:00.5Z")],
  ["@2026-11-22", { kind: "time", timestamp: new Date(2026, 10, 22).getTime() }],
  ["@2026-11-22 10:30", { kind: "time", timestamp: new Date(2026, 10, 22, 10, 30).getTime() }],
])("%s must be understood, as a range without an end too", (text, start) => {
  expect(parseStart(text, now)).toEqual(start);
  expect(parseRange(text, now)).toEqual({ start, end: undefined });
});

test.each<[string, OffsetRange]>([
  ["10:20", { start: { kind: "offset", offset: 10 }, end: { kind: "offset", offset: 20 } }],
  ["10:", { start: { kind: "offset", offset: 10 }, end: undefined }],
  ["10:end", { start: { kind: "offset", offset: 10 }, end: { kind: "end" } }],
  [":20", { start: { kind: "start" }, end: { kind: "offset", offset: 20 } }],
  [":end", { start: { kind: "start" }, end: { kind: "end" } }],
  ["start:latest", { start: { kind: "start" }, end: { kind: "end" } }],
  ["+5:-5", { start: { kind: "from-start", count: 5 }, end: { kind: "from-end", count: 5 } }],
  ["-10:-5", { start: { kind: "from-end", count: 10 }, end: { kind: "from-end", count: 5 } }],
  ["7:@-1h", { start: { kind: "offset", offset: 7 }, end: at("2026-11-22T11:00:00Z") }],
  ["@-1h:end", { start: at("2026-11-22T11:00:00Z"), end: { kind: "end" } }],
  ["@-48h:-24h", { start: at("2026-11-20T12:00:00Z"), end: at("2026-11-21T12:00:00Z") }],
  ["@-48h:@-24h", { start: at("2026-11-20T12:00:00Z"), end: at("2026-11-21T12:00:00Z") }],
  ["@-1m:now", { start: at("2026-11-22T11:59:00Z"), end: at("2026-11-22T12:00:00Z") }],
  [
    "@1790000000:1790000060000",
    { start: at("2026-09-21T14:13:20Z"), end: at("2026-09-21T14:14:20Z") },
  ],
  [
    "@2026-11-22T10:00:00Z:2026-11-22T11:30:00+00:30",
    { start: at("2026-11-22T10:00:00Z"), end: at("2026-11-22T11:00:00Z") },
  ],
  ["@2026-11-22T10:00:30Z:end", { start: at("2026-11-22T10:00:30Z"), end: { kind: "end" } }],
  [":@2026-11-22T10:00Z", { start: { kind: "start" }, end: at("2026-11-22T10:00:00Z") }],
])("the range %s must be understood", (text, range) => {
  expect(parseRange(text, now)).toEqual(range);
});

test("local times must be split where both sides are whole", () => {
  const local = (...clock: [number, number, number?]) => ({
    kind: "time",
    timestamp: new Date(2026, 10, 22, ...clock).getTime(),
  });
  const range = { start: local(10, 0), end: local(11, 0, 30) };
  expect(parseRange("@2026-11-22T10:00:2026-11-22T11:00:30", now)).toEqual(range);
  expect(parseRange("@2026-11-22T10:00:30", now)).toMatchObject({ start: local(10, 0, 30) });
});

const noPlaces = ["", "first", "@", "@yesterday", "--3", "1.5", "constructor", "@-1x", "@10:20"];
const noTimes = ["@2026-13-40", "@2026-02-30", "@2026-11-22T25:00"];
const outOfRange = ["@-99999999999d", "@-30000d", "@+9999999d", "@1969-12-31T23:59:59.999Z"];

test.each([...noPlaces, ...noTimes, ...outOfRange])(
  '"%s" must be refused as wrong usage',
  (text) => {
    const usage = expect.objectContaining({ code: "usage", message: `"${text}" is not an offset` });
    expect(() => parseStart(text, now)).toThrow(usage);
    expect(() => parseRange(text, now)).toThrow(usage);
  },
);

test.each([":", "::", "1:2:3", "a:b", "@-1h:500", "@-1h:start", "10:tomorrow"])(
  '"%s" must be refused as a range',
  (text) => {
    expect(() => parseRange(text, now)).toThrow(expect.objectContaining({ code: "usage" }));
  },
);

test("one place must not be read as a range", () => {
  expect(() => parseStart("1:5", now)).toThrow(expect.objectContaining({ code: "usage" }));
});

test.each(["20:10", "+5:+3", "-3:-5", "@-1h:-2h"])("%s must be told to be backwards", (text) => {
  const message = `"${text}" ends before it begins`;
  expect(() => parseRange(text, now)).toThrow(expect.objectContaining({ code: "usage", message }));
});

test("times must be told in local time and UTC, with UTC's date where it differs", () => {
  vi.stubEnv("TZ", "Europe/Berlin");
  const text = (range: string) => timesText(parseRange(range, now));
  expect(text("@2026-11-22 10:00")).toBe("from 2026-11-22 10:00:00 local (09:00:00Z)");
  expect(text("@2026-11-22T00:30:2026-11-22T10:00:00.25")).toBe(
    "from 2026-11-22 00:30:00 local (2026-11-21 23:30:00Z) to 2026-11-22 10:00:00.250 local (09:00:00.250Z)",
  );
  expect(text(":@2026-07-01T00:00Z")).toBe("to 2026-07-01 02:00:00 local (00:00:00Z)");
  expect(text("1:end")).toBe("");
});

test("a place must stay within the log", () => {
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
