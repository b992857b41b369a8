import type { Random } from "./random.ts";

const scalars = [
  "9007199254740993",
  "12345678901234567890",
  "-0",
  "1.10",
  "0.1000000000000000055511151231257827",
  "1e400",
  "1E-7",
  "true",
  "null",
  '"text, with } ] and \\" \\\\"',
  '"\\u00fc€😀"',
  '""',
];
const blanks = ["", "", " ", "\t", "  "];

/** JSON of a line that loses something when its parsed value is written again. */
export function randomJson(random: Random, depth = 3): string {
  const blank = (): string => random.pick(blanks);
  const list = (item: () => string): string =>
    Array.from({ length: random.below(4) }, () => `${blank()}${item()}${blank()}`).join(",");
  switch (depth === 0 ? 2 : random.below(4)) {
    case 0:
      return `[${list(() => randomJson(random, depth - 1)) || blank()}]`;
    case 1: {
      // Few names, so that keys are duplicates.
      const member = (): string =>
        `"${random.pick(["a", "b", "a\\n"])}"${blank()}:${blank()}${randomJson(random, depth - 1)}`;
      return `{${list(member) || blank()}}`;
    }
    default:
      return random.pick(scalars);
  }
}
