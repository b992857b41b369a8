import { expect, test } from "vitest";
import {
  formatConfigValue,
  parseConfigValue,
  parseDuration,
  parseSize,
} from "../../src/spec/units.ts";

test.each([
  ["500ms", 500],
  ["30s", 30_000],
  ["10m", 600_000],
  ["2h", 7_200_000],
  ["7d", 604_800_000],
  ["0s", 0],
])("the duration %s must be %d ms", (text, milliseconds) => {
  expect(parseDuration(text)).toBe(milliseconds);
});

test.each(["7", "7 d", "7days", "-1d", "1.5h", "d", "", "7D"])("%j must be no duration", (text) => {
  expect(parseDuration(text)).toBeUndefined();
});

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
