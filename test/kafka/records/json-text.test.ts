import { expect, test } from "vitest";
import { isJson, partsOfJson, stringOf } from "../../../src/kafka/records/json-text.ts";
import { createRandom } from "../../support/random.ts";
import { randomJson } from "../../support/random-json.ts";

test("cuts members and items out as they are written", () => {
  expect(partsOfJson(' { "a" : 1.10 ,"a":[ 1, {"b":"]"} ] , "\\"c\\\\" :"x\\\\" } ')).toEqual([
    { name: "a", text: "1.10" },
    { name: "a", text: '[ 1, {"b":"]"} ]' },
    { name: '"c\\', text: '"x\\\\"' },
  ]);
  expect(partsOfJson("[1e400,\t-0 ]").map(({ text }) => text)).toEqual(["1e400", "-0"]);
  expect(partsOfJson("{ }")).toEqual([]);
  expect(partsOfJson("[\n]")).toEqual([]);
});

test("reads a deep and a long text without recursion", () => {
  const deep = `[${"[".repeat(50_000)}${"]".repeat(50_000)},2]`;
  expect(partsOfJson(deep).at(-1)?.text).toBe("2");
  const long = `"${'\\"x'.repeat(500_000)}"`;
  expect(partsOfJson(`{"a":${long}}`)).toEqual([{ name: "a", text: long }]);
});

test("parts of random JSON parse to the parts of its value", () => {
  const random = createRandom(11);
  for (let count = 0; count < 2000; count++) {
    const text = randomJson(random);
    expect(isJson(text)).toBe(true);
    if (!/^[[{]/.test(text)) continue;
    const parts = partsOfJson(text);
    const again = text.startsWith("[")
      ? parts.map((part) => JSON.parse(part.text) as unknown)
      : Object.fromEntries(parts.map((part) => [part.name, JSON.parse(part.text) as unknown]));
    expect(again).toEqual(JSON.parse(text));
  }
});

test("a string has its characters", () => {
  expect(stringOf('"a\\u00fc\\n"')).toBe("aü\n");
  expect(stringOf('"plain"')).toBe("plain");
});
