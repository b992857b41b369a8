import { expect, test } from "vitest";
import { exactJson } from "../../src/stack/exact-json.ts";
import { ExactNumber } from "../../src/model/exact-number.ts";

const value = {
  a: [1, "ü\n", null, undefined, true, [], [[]]],
  b: { c: undefined, d: -0.5, e: {} },
  'q"': { f: { g: [{ h: 1e21 }] } },
};

test("writes plain values as JSON.stringify does", () => {
  expect(exactJson(value)).toBe(JSON.stringify(value));
  expect(exactJson(value, "  ")).toBe(JSON.stringify(value, null, 2));
});

test("writes an exact number with all its digits", () => {
  const numbers = { a: [new ExactNumber("9007199254740993")], b: new ExactNumber("1.10") };
  expect(exactJson(numbers)).toBe('{"a":[9007199254740993],"b":1.10}');
});
