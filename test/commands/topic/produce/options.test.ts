import { expect, test } from "vitest";
import {
  collectHeader,
  parseDelimiter,
  parseRate,
} from "../../../../src/commands/topic/produce/options.ts";

test.each([
  [";", ";"],
  ["\\0", "\0"],
  ["\\r\\n", "\r\n"],
  ["\\x1f|", "\x1f|"],
  ["a\\\\n", "a\\n"],
  ["ü", "ü"],
])("the delimiter %s must stand for its bytes", (text, bytes) => {
  expect(parseDelimiter(text)).toEqual(Buffer.from(bytes));
});

test("bytes above 127 must be possible, and what is no escape must be told", () => {
  expect(parseDelimiter("\\xff\\x00")).toEqual(Buffer.from([0xff, 0]));
  expect(() => parseDelimiter("\\q")).toThrow('"\\q" is no escape');
  expect(() => parseDelimiter("a\\")).toThrow('"\\" is no escape');
  expect(() => parseDelimiter("\\x1")).toThrow("is no escape");
  expect(() => parseDelimiter("")).toThrow("at least one");
});

test("a header must be name=value, and the other form must be told with what to write", () => {
  const first = collectHeader("a=x=y");
  expect(collectHeader("b=", first)).toEqual([
    { key: "a", value: Buffer.from("x=y") },
    { key: "b", value: Buffer.alloc(0) },
  ]);
  expect(() => collectHeader("a:b")).toThrow("write a=b");
});

test("a rate must be above 0, and may be below 1", () => {
  expect(parseRate("0.5")).toBe(0.5);
  for (const text of ["0", "-1", "x", "", "Infinity", "1e3", "0.0000001", "10000000000"]) {
    expect(() => parseRate(text)).toThrow("0.5");
  }
});
