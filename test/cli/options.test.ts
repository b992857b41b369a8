import { Command } from "commander";
import { expect, test } from "vitest";
import {
  parseCountOption,
  parseDurationOption,
  parsePartitions,
  readSharedOptions,
  withSharedOptions,
} from "../../src/cli/options.ts";
import { waitLimits } from "../../src/config/units.ts";

test("a duration is read in milliseconds, within its limits", () => {
  const parse = parseDurationOption(waitLimits);
  expect(parse("500ms")).toBe(500);
  expect(parse("24d")).toBe(2_073_600_000);
  for (const wrong of ["25d", "0s", "30", "s", "1.5h", "-1s", "1w", " 1s"]) {
    expect(() => parse(wrong)).toThrow("must be a duration from 1ms to 24d");
  }
});

test("a count is an integer within its limits", () => {
  const parse = parseCountOption({ least: 1, most: 10 });
  expect(parse("10")).toBe(10);
  for (const wrong of ["0", "11", "-1", "1.5", "x", ""]) {
    expect(() => parse(wrong)).toThrow("must be an integer from 1 to 10");
  }
});

test("partitions are a list of numbers and ranges", () => {
  expect(parsePartitions("0,2")).toEqual([0, 2]);
  expect(parsePartitions("0-3, 2,9999")).toEqual([0, 1, 2, 3, 9999]);
  for (const wrong of ["", "3-1", "0-999999", "10000", "-1", "1,", "99999999999999999999"]) {
    expect(() => parsePartitions(wrong)).toThrow("must be partitions from 0 to 9999");
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
