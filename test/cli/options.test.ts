import { Command } from "commander";
import { expect, test } from "vitest";
import {
  parseCountOption,
  parseDurationOption,
  readSharedOptions,
  withSharedOptions,
} from "../../src/cli/options.ts";

test.each([
  ["500ms", 500],
  ["30s", 30_000],
  ["10m", 600_000],
  ["2h", 7_200_000],
  ["7d", 604_800_000],
])("%s must be %i milliseconds", (text, milliseconds) => {
  expect(parseDurationOption(text)).toBe(milliseconds);
});

test.each(["30", "s", "1.5h", "-1s", "1w", " 1s"])("%j must be no duration", (text) => {
  expect(() => parseDurationOption(text)).toThrow("500ms");
});

test("a count must be a whole number from its least upwards", () => {
  expect(parseCountOption(0)("0")).toBe(0);
  for (const wrong of ["0", "-1", "1.5", "x", ""]) {
    expect(() => parseCountOption(1)(wrong)).toThrow("from 1 upwards");
  }
});

function read(words: readonly string[]) {
  const leaf = withSharedOptions(new Command("leaf")).action(() => {});
  const program = withSharedOptions(new Command("dp")).enablePositionalOptions().addCommand(leaf);
  program.parse(words, { from: "user" });
  return readSharedOptions(leaf);
}

test("shared options must mean the same before the command and after it", () => {
  const line =
    "--file a.yaml --project shop --profile ci --set kafka.brokers=3 --set a=x --context far --json --quiet --no-color";
  const options = line.split(" ");
  const before = read([...options, "leaf"]);
  expect(before).toEqual(read(["leaf", ...options]));
  expect(before).toEqual({
    file: "a.yaml",
    project: "shop",
    profile: "ci",
    set: ["kafka.brokers=3", "a=x"],
    context: "far",
    json: true,
    quiet: true,
    verbose: false,
    color: false,
  });
});

test("a --set of the command's own must not be taken for one of the file, which stands before it", () => {
  const leaf = withSharedOptions(new Command("leaf"), { setFlag: "own" })
    .option("--set <key=value>", "", (text: string) => ({ [text]: text }))
    .action(() => {});
  const program = withSharedOptions(new Command("dp")).enablePositionalOptions().addCommand(leaf);
  program.parse(["--set", "a=1", "leaf", "--set", "b=2"], { from: "user" });
  expect(readSharedOptions(leaf).set).toEqual(["a=1"]);
  expect(leaf.getOptionValue("set")).toEqual({ "b=2": "b=2" });
});

test("an option after the command must win over the same one before it", () => {
  expect(read(["--project", "one", "leaf", "--project", "two"]).project).toBe("two");
});

test("--set before the command and after it must add up, in the order of the line", () => {
  expect(read(["--set", "a=1", "leaf", "--set", "b=2", "--set", "a=3"]).set).toEqual([
    "a=1",
    "b=2",
    "a=3",
  ]);
});
