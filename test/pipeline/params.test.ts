import { expect, test } from "vitest";
import { confOf, parseFreeParams, parseParams } from "../../src/pipeline/params.ts";
import { ExactNumber } from "../../src/model/exact-number.ts";
import { exactJson } from "../../src/stack/exact-json.ts";
import { pipelineOf } from "./case.ts";

const pipeline = pipelineOf({ params: { since: "2026-01-01", limit: 10, dry: false } });

test("a parameter must have the type of its default", () => {
  const words = ["since=2026-11-01", "limit=5", "dry=true"];
  expect(parseParams(words, pipeline)).toEqual({ since: "2026-11-01", limit: 5, dry: true });
});

test.each([
  ["9007199254740993", new ExactNumber("9007199254740993")],
  ["-12345678901234567890", new ExactNumber("-12345678901234567890")],
  ["1.10", new ExactNumber("1.10")],
  ["9007199254740991", 2 ** 53 - 1],
  ["1.5", 1.5],
  ["1e3", 1000],
])("number %s is exact, also in the JSON of a run", (text, value) => {
  const params = parseParams([`limit=${text}`], pipeline);
  expect(params).toEqual({ limit: value });
  expect(exactJson({ conf: params })).toBe(`{"conf":{"limit":${String(value)}}}`);
});

test("a parameter has the type of its default, whose digits may be more than a double's", () => {
  const exact = pipelineOf({ params: { rate: new ExactNumber("1.10") } });
  expect(parseParams(["rate=2"], exact)).toEqual({ rate: 2 });
  expect(() => parseParams(["rate=much"], exact)).toThrow("not a number");
});

test("Airflow gets the digits of a fraction as text, as it would change them", () => {
  const params = { id: new ExactNumber("9007199254740993"), rate: new ExactNumber("1.10"), n: 1.5 };
  expect(exactJson(confOf(params))).toBe('{"id":9007199254740993,"rate":"1.10","n":1.5}');
});

test("a value must keep what follows its first equals sign", () => {
  expect(parseParams(["since=a=b"], pipeline)).toEqual({ since: "a=b" });
});

test.each([
  ["limit=many", "not a number"],
  ["limit=", "not a number"],
  ["limit=1e999", "not a number"],
  ["limit=Infinity", "not a number"],
  ["dry=yes", "not a boolean"],
  ["since", "write it as name=value"],
  ["=1", "write it as name=value"],
])("%s must be refused", (word, reason) => {
  expect(() => parseParams([word], pipeline)).toThrow(reason);
});

test("an unknown parameter must be refused with the nearest one", () => {
  expect(() => parseParams(["sinse=1"], pipeline)).toThrow(
    expect.objectContaining({
      code: "usage",
      message: "orders has no parameter sinse",
      next: "did you mean since?",
    }),
  );
});

test("parameters of a hand-written DAG must be numbers and booleans where they read as such", () => {
  expect(parseFreeParams(["a=1", "b=true", "c=1.5", "d=x", "e=01x"])).toEqual({
    a: 1,
    b: true,
    c: 1.5,
    d: "x",
    e: "01x",
  });
  expect(parseFreeParams(["a=9007199254740993", "b=007", "c=0", "d=1e999"])).toEqual({
    a: new ExactNumber("9007199254740993"),
    b: "007",
    c: 0,
    d: "1e999",
  });
});
