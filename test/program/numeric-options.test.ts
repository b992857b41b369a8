import { InvalidArgumentError, type Command, type Option } from "commander";
import { expect, test } from "vitest";
import { rows } from "../../src/program/command-rows.ts";
import type { CommandRow } from "../../src/program/command-table.ts";
import type { CommandHost } from "../../src/cli/invocation.ts";
import { neverNumbers, oddNumbers } from "../support/odd-numbers.ts";

const options = await optionsOf(rows, "dp");
const numeric = options.filter(({ option }) =>
  /<(count|number|records|duration|list|brokers)>$/.test(option.flags),
);

test("every command's numeric options are found", () => {
  expect(numeric.length).toBeGreaterThan(25);
});

test.each(numeric)("$name reads exact numbers within its limits only", ({ option }) => {
  expect(option.parseArg).toBeDefined();
  for (const text of oddNumbers(["d", "t"])) {
    const value = parse(option, text) ?? 0;
    for (const number of [value].flat()) expect(Math.abs(Number(number))).toBeLessThan(1e15);
  }
  for (const text of neverNumbers(["d", "t"])) expect(parse(option, text)).toBeUndefined();
});

test.each(options)("$name reports what it can't read as wrong usage", ({ option }) => {
  for (const text of oddNumbers(["d", "t"])) expect(() => parse(option, text)).not.toThrow();
});

/** What the option makes of the text; undefined when it is invalid. */
function parse(option: Option, text: string): unknown {
  try {
    return option.parseArg?.(text, undefined);
  } catch (thrown) {
    if (thrown instanceof InvalidArgumentError) return undefined;
    throw thrown;
  }
}

async function optionsOf(
  level: readonly CommandRow[],
  outer: string,
): Promise<{ name: string; option: Option }[]> {
  const found = await Promise.all(
    level.map(async (row) => {
      const path = `${outer} ${row.name}`;
      if ("commands" in row) return optionsOf(row.commands, path);
      const command: Command = (await row.load())({} as CommandHost);
      return command.options
        .filter(({ required, optional }) => required || optional)
        .map((option) => ({ name: `${path} ${option.long}`, option }));
    }),
  );
  return found.flat();
}
