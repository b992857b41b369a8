import { expect, test } from "vitest";
import { describeCommand } from "../../src/program/command-table.ts";

test.each([
  { words: ["up", "--set", "stores.db.password=s3cret"], command: "dp up" },
  { words: ["--set", "a=s3cret", "-f", "shop.yaml", "restart", "s3cret"], command: "dp restart" },
  { words: ["--verbose"], command: "dp" },
])("describes a command without its arguments: $command", ({ words, command }) => {
  expect(describeCommand(words)).toBe(command);
});
