import { expect, test } from "vitest";
import { helpSections } from "../../src/cli/command-help.ts";
import { pathOf } from "../../src/program/help-items.ts";
import { formatHelp } from "../../src/program/help-screen.ts";
import { findCommands, loadProgram } from "../support/whole-program.ts";

const program = await loadProgram();
const commands = findCommands(program).map((command) => ({ path: pathOf(command), command }));

test.each(commands)("$path --help fits terminals of 60, 80, and 100 columns", ({ command }) => {
  const { examples } = helpSections(command);
  const wholeLines = examples.map(([line]) => `  ${line}`);
  for (const columns of [60, 80, 100]) {
    const lines = formatHelp(command, columns).split("\n");
    const wide = lines.filter((line) => line.length > columns && !wholeLines.includes(line));
    expect(wide).toEqual([]);
    expect(lines.filter((line) => line !== line.trimEnd())).toEqual([]);
  }
});

test("lines of help are at most 100 columns long on wider terminals", () => {
  for (const { command } of commands) {
    expect(formatHelp(command, 200)).toBe(formatHelp(command, 100));
  }
});

test("dp --help groups the commands and ends with where to start", () => {
  const screen = formatHelp(program, 80);
  const headings = screen.match(/^[A-Z][\w ]*:$/gm);
  expect(headings).toEqual([
    "Stack:",
    "Data:",
    "Pipelines:",
    "Checks:",
    "Project:",
    "Global options:",
    "Get started:",
  ]);
  expect(screen.trimEnd().split("\n").at(-1)).toBe(
    'Run "dp <command> --help" for the options and examples of a command.',
  );
});

test("help of a command has its sections in one order", () => {
  const find = (path: string) => commands.find((found) => found.path === path)!.command;
  const headings = (path: string) => formatHelp(find(path), 80).match(/^[A-Z][\w ]*:$/gm);
  expect(headings("dp wait")).toEqual([
    "Arguments:",
    "Options:",
    "Global options:",
    "Exit codes:",
    "Examples:",
  ]);
  expect(headings("dp topic apply")).toEqual([
    "Options:",
    "Options for an external cluster:",
    "Global options:",
    "Exit codes:",
    "Examples:",
  ]);
});

test("an item whose text has no room beside it has the text below", () => {
  const { command } = commands.find(({ path }) => path === "dp topic reassign")!;
  const lines = formatHelp(command, 60).split("\n");
  const at = lines.findIndex((line) => line.startsWith("  --replicas <partition=brokers>"));
  expect(lines[at]).toBe("  --replicas <partition=brokers>");
  expect(lines[at + 1]).toMatch(/^ {6}\S/);
});
