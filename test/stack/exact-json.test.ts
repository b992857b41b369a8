import { expect, test } from "vitest";
import { exactJson } from "../../src/stack/exact-json.ts";

test("writes plain values as JSON.stringify does", () => {
  const value = { a: [1, "ü\n", null, undefined, true], b: { c: undefined, d: -0.5 }, 'q"': {} };
  expect(exactJson(value)).toBe(JSON.stringify(value));
});

test("writes a bigint with all its digits", () => {
  expect(exactJson({ a: [9007199254740993n] })).toBe('{"a":[9007199254740993]}');
});
