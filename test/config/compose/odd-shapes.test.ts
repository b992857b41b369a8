import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { convertText } from "./convert-text.ts";

const fixtures = path.join(import.meta.dirname, "..", "..", "fixtures", "compose");
const files = readdirSync(fixtures).flatMap((name) => {
  const file = readdirSync(path.join(fixtures, name)).find((each) => /compose\.ya?ml$/.test(each));
  return file === undefined ? [] : [path.join(fixtures, name, file)];
});

type Value = string | number | boolean | null | Value[] | { [key: string]: Value };

/** What may be written anywhere, by mistake. */
const oddValues: readonly Value[] = [
  null,
  "",
  "word",
  7,
  true,
  [],
  ["word"],
  [[]],
  {},
  { a: { b: "c" } },
];

/** The text with one of its values replaced: the one at a position in the order of the file. */
function withOddValue(text: string, { position, odd }: { position: number; odd: Value }): string {
  let count = 0;
  const replace = (value: Value): Value => {
    count += 1;
    if (count === position) return odd;
    if (Array.isArray(value)) return value.map(replace);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, replace(each)]));
  };
  return stringify(replace(parse(text, { merge: true }) as Value), {
    aliasDuplicateObjects: false,
  });
}

function countValues(value: Value): number {
  if (typeof value !== "object" || value === null) return 1;
  return 1 + Object.values(value).reduce<number>((sum, each) => sum + countValues(each), 0);
}

const step = Number(process.env["ODD_SHAPES_EVERY"] ?? "211");

test.each(files)("no value of another kind in %s is a bug", (file) => {
  const text = readFileSync(file, "utf8");
  const count = countValues(parse(text, { merge: true }) as Value);
  const positions = Array.from({ length: count * oddValues.length }, (_, index) => index);
  const texts = positions
    .filter((index) => index % step === 1)
    .map((index) => {
      const odd = oddValues[index % oddValues.length] ?? null;
      const position = 1 + Math.floor(index / oddValues.length);
      const conversion = convertText(withOddValue(text, { position, odd }));
      return conversion.ok
        ? conversion.text
        : conversion.problems.map(({ message }) => message).join("\n");
    });
  expect(texts.length).toBeGreaterThan(0);
  expect(texts.filter((each) => each === "" || /undefined|NaN|\[object/.test(each))).toEqual([]);
});
