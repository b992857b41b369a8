import { readFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { renderCommands } from "../../src/program/reference.ts";

const page = path.join(import.meta.dirname, "..", "..", "docs", "commands.md");

test("docs/commands.md is what `npm run reference` writes", async () => {
  expect(await readFile(page, "utf8")).toBe(await renderCommands());
});

test("each entry of the contents has its section, and each section its entry", async () => {
  const lines = (await renderCommands()).split("\n");
  const anchors = lines.flatMap((line) => /^- \[.*\]\(#(.*?)\)/.exec(line)?.[1] ?? []);
  const headings = lines.flatMap((line) => /^### (.*)/.exec(line)?.[1]?.replaceAll(" ", "-") ?? []);
  expect(anchors).toEqual(headings);
  expect(anchors.length).toBeGreaterThan(40);
});
