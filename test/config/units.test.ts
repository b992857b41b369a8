import { expect, test } from "vitest";
import {
  ageLimits,
  describeDurations,
  describeSizes,
  formatConfigValue,
  memoryLimits,
  parseConfigValue,
  parseDecimal,
  parseDuration,
  parseInteger,
  parseSize,
  waitLimits,
} from "../../src/config/units.ts";

test.each([
  ["500ms", 500],
  ["30s", 30_000],
  ["10m", 600_000],
  ["2h", 7_200_000],
  ["7d", 604_800_000],
  ["0s", 0],
  ["1h30m", 5_400_000],
])("the duration %s must be %d ms", (text, milliseconds) => {
  expect(parseDuration(text)).toBe(milliseconds);
});

test.each(["7", "7 d", "7days", "-1d", "1.5h", "d", "", "7D", " 7d", "٣d"])(
  "%j must be no duration",
  (text) => {
    expect(parseDuration(text)).toBeUndefined();
  },
);

test.each([
  ["64k", 65_536],
  ["512m", 536_870_912],
  ["2G", 2_147_483_648],
  ["2gb", 2_147_483_648],
  ["100b", 100],
  ["100", 100],
])("the size %s must be %d bytes", (text, bytes) => {
  expect(parseSize(text)).toBe(bytes);
});

test.each(["m", "1.5g", "-1m", "12 m", "1mib", ""])("%j must be no size", (text) => {
  expect(parseSize(text)).toBeUndefined();
});

test.each([
  ["retention.ms", "7d", "604800000"],
  ["retention.ms", "-1", "-1"],
  ["segment.bytes", "16m", "16777216"],
  ["log.retention.hours", "banana", "banana"],
  ["cleanup.policy", "7d", "7d"],
])("%s: %s must reach Kafka as %s", (key, written, value) => {
  expect(parseConfigValue(key, written)).toBe(value);
});

test.each([
  ["retention.ms", "604800000", "7d"],
  ["retention.ms", "1001", "1001ms"],
  ["retention.ms", "-1", "-1"],
  ["flush.ms", "9223372036854775807", "9223372036854775807"],
  ["segment.bytes", "67108864", "64m"],
  ["max.message.bytes", "1048588", "1048588"],
  ["min.insync.replicas", "2", "2"],
])("%s=%s must be shown as %s, which reads back", (key, value, written) => {
  expect(formatConfigValue(key, value)).toBe(written);
  expect(parseConfigValue(key, written)).toBe(value);
});

test("a duration for bytes and a size for milliseconds must be refused", () => {
  expect(parseConfigValue("segment.bytes", "7d")).toBeUndefined();
  expect(parseConfigValue("retention.ms", "16g")).toBeUndefined();
});

test("reads a number of milliseconds or bytes up to 64 bits, and no other", () => {
  expect(parseConfigValue("flush.ms", "9223372036854775807")).toBe("9223372036854775807");
  expect(parseConfigValue("flush.ms", "9223372036854775808")).toBeUndefined();
  expect(parseConfigValue("retention.bytes", "-9223372036854775809")).toBeUndefined();
  expect(parseConfigValue("retention.ms", "99999999999999d")).toBeUndefined();
  expect(parseConfigValue("ssl.key.password", "99999999999999999999")).toBe("99999999999999999999");
});

test("limits include both ends", () => {
  expect(parseDuration("24d", waitLimits)).toBe(2_073_600_000);
  expect(parseDuration("0s", waitLimits)).toBeUndefined();
  expect(parseDuration("577h", waitLimits)).toBeUndefined();
  expect(parseDuration("3650d", ageLimits)).toBe(315_360_000_000);
  expect(parseSize("6m", memoryLimits)).toBe(6_291_456);
  expect(parseSize("6291455", memoryLimits)).toBeUndefined();
  expect(parseSize("65t", memoryLimits)).toBeUndefined();
});

test("no number is rounded to fit", () => {
  expect(parseInteger("9007199254740991")).toBe(Number.MAX_SAFE_INTEGER);
  expect(parseInteger("9007199254740993")).toBeUndefined();
  expect(parseSize("9007199254740993")).toBeUndefined();
  expect(parseDuration("9007199254740993ms")).toBeUndefined();
});

test.each(["", "1.5", "1e3", "0x10", "٣", "Infinity", " 1", "1_000"])(
  "%j is not an integer",
  (text) => {
    expect(parseInteger(text)).toBeUndefined();
  },
);

test("a decimal has digits on both sides of its point", () => {
  const limits = { least: 0.01, most: 1024 };
  expect(parseDecimal("0.5", limits)).toBe(0.5);
  expect(parseDecimal("2", limits)).toBe(2);
  for (const wrong of [".5", "5.", "1e2", "0.001", "1025", "٣", ""]) {
    expect(parseDecimal(wrong, limits)).toBeUndefined();
  }
});

test("names the limits as they are typed", () => {
  expect(describeDurations(waitLimits)).toBe("a duration from 1ms to 24d, e.g. 30s or 2h");
  expect(describeSizes(memoryLimits)).toBe("a size from 6m to 64t, e.g. 512m or 2g");
});
