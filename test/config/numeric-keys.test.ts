import { expect, test } from "vitest";
import { jsonSchema, type JsonSchema } from "../../src/config/reference.ts";
import type { Path } from "../../src/stack/path.ts";
import { neverNumbers, oddNumbers } from "../support/odd-numbers.ts";
import { checkYaml } from "./check-yaml.ts";

/** Titles of numeric values, with the units that they take. */
const unitsOf: Readonly<Record<string, readonly string[]>> = {
  size: ["t"],
  duration: ["d"],
  port: [],
  number: [],
};

interface NumericKey {
  readonly path: Path;
  readonly units: readonly string[];
}

const keys = numericKeys(jsonSchema(), []);

test("every numeric key of pipeline.yaml is found", () => {
  expect(keys.length).toBeGreaterThan(25);
});

test.each(keys.map((key) => [key.path.join("."), key] as const))(
  "%s takes exact numbers within its limits only",
  (_, { path, units }) => {
    const wrong = new Set(neverNumbers(units).filter((text) => text !== ""));
    for (const text of oddNumbers(units)) {
      const { stack, problems } = checkYaml(yamlWith(path, text));
      expect(numbersIn(stack).filter((value) => !(Math.abs(value) < 2 ** 53))).toEqual([]);
      const isRefused = problems.some(({ severity }) => severity === "error");
      expect(isRefused || !wrong.has(text), text).toBe(true);
    }
  },
);

test.each(["retention.ms", "segment.bytes"])("%s takes 64 bits at most", (key) => {
  const path = ["topics", "orders", "config", key];
  const isRefused = (text: string) =>
    checkYaml(yamlWith(path, text)).problems.some(({ message }) => message.includes("invalid"));
  expect(oddNumbers([]).filter((text) => /^-?\d+$/.test(text) && isRefused(text))).toEqual([
    "9223372036854775808",
    "99999999999999999999",
  ]);
});

/** `[a, b]` and `1` as `{ "a": { "b": 1 } }`; an index stands in a list. */
function yamlWith([first, ...rest]: Path, text: string): string {
  if (first === undefined) return text;
  const inner = yamlWith(rest, text);
  return typeof first === "number" ? `[${inner}]` : `{ ${JSON.stringify(first)}: ${inner} }`;
}

function numericKeys(schema: JsonSchema, path: Path): NumericKey[] {
  const { title = "", type, additionalProperties: entries, items, properties, anyOf } = schema;
  const units = type === "integer" ? [] : unitsOf[title];
  const inner: [JsonSchema, Path][] = [];
  for (const [key, each] of Object.entries(properties ?? {})) inner.push([each, [...path, key]]);
  if (typeof entries === "object") inner.push([entries, [...path, "orders"]]);
  if (items) inner.push([items, [...path, 0]]);
  for (const each of anyOf ?? []) inner.push([each, path]);
  return [
    ...(units ? [{ path, units }] : []),
    ...inner.flatMap(([each, at]) => numericKeys(each, at)),
  ];
}

function numbersIn(value: unknown): number[] {
  if (typeof value === "number") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(numbersIn) : [];
}
