import { expect, test } from "vitest";
import { locate, markKey, positionsIn } from "../../src/config/locate.ts";
import { circleOf } from "../../src/config/rules/circle.ts";
import { suggest } from "../../src/config/rules/suggest.ts";
import { without } from "../../src/config/schema-issues.ts";

test("a position is counted in lines and columns from 1", () => {
  const positionOf = positionsIn("a: 1\r\nbb: two words  \n\nc:");
  expect(positionOf([0, 1])).toEqual({ line: 1, column: 1, length: 1 });
  expect(positionOf([6, 8])).toEqual({ line: 2, column: 1, length: 2 });
  expect(positionOf([10, 24])).toEqual({ line: 2, column: 5, length: 9 });
  expect(positionOf([22, 22])).toEqual({ line: 3, column: 1, length: 1 });
  expect(positionOf([25, 25])).toEqual({ line: 4, column: 3, length: 1 });
  expect(positionsIn("")([0, 0])).toEqual({ line: 1, column: 1, length: 1 });
});

test("what was not written is placed at the nearest key around it", () => {
  const marks = new Map([
    [markKey([]), { key: undefined, value: [0, 9] as const }],
    [markKey(["kafka"]), { key: [0, 5] as const, value: undefined }],
  ]);
  expect(locate({ marks, path: ["kafka", "config", "x"], on: "value" })).toEqual([0, 5]);
  expect(locate({ marks, path: ["topics"], on: "value" })).toEqual([0, 9]);
  expect(locate({ marks: new Map(), path: ["topics"], on: "key" })).toEqual([0, 0]);
});

test("many paths are taken out of a value at once", () => {
  const value = { a: { b: 1, c: [1, 2], d: 2 }, e: 3, f: 4 };
  const paths = [["a", "b"], ["a", "c", 1], ["e"], ["g", "h"]];
  expect(without(value, paths)).toEqual({ a: { d: 2 }, f: 4 });
  expect(without(value, [[]])).toEqual({});
  expect(without("text", [["a"]])).toEqual({});
});

test("a chain that is longer than the call stack has no cycle, and may end in one", () => {
  const chain = new Map(Array.from({ length: 50_000 }, (_, at) => [`${at}`, [`${at + 1}`]]));
  expect(circleOf(chain)).toEqual([]);
  chain.set("50000", ["49999"]);
  expect(circleOf(chain)).toEqual(["49999", "50000", "49999"]);
});

test("a hint lists no more names than a person reads", () => {
  const known = Array.from({ length: 30 }, (_, at) => `orders-${at}`);
  const hint = suggest({ name: "x", known, what: "topics", otherwise: "add one" });
  expect(hint).toMatch(/^topics: orders-0, .*, orders-19, …; add one$/);
});
