import type { Command } from "commander";
import { expect, test } from "vitest";
import { helpSections } from "../../src/cli/command-help.ts";
import { allChecks } from "../../src/smoke/checks.ts";
import { argumentItems, optionGroups, pathOf } from "../../src/program/help-items.ts";
import { avoided } from "../support/avoided-words.ts";
import { findCommands, loadProgram } from "../support/whole-program.ts";

const program = await loadProgram();
const commands = findCommands(program).map((command) => ({ path: pathOf(command), command }));
const leaves = commands.filter(({ command }) => command.commands.length === 0);

/** Every summary and every example says what happens, with one of these first. */
const verbs =
  /^(?:Build|Cancel|Change|Check|Choose|Collect|Copy|Create|Delete|Deploy|Diagnose|Elect|Fail|Fix|Follow|Free|Include|Increase|Inspect|Keep|List|Make|Manage|Move|Open|Override|Pass|Plan|Print|Read|Refresh|Remove|Replace|Reset|Restart|Run|Search|Set|Show|Skip|Start|Stop|Use|Validate|Wait|Write)[ ,]/;

interface Text {
  readonly at: string;
  readonly text: string;
}

const summaries: Text[] = commands.map(({ path, command }) => ({
  at: path,
  text: command.summary(),
}));
const descriptions: Text[] = commands
  .map(({ path, command }) => ({ at: path, text: command.description() }))
  .filter(({ text }) => text !== "");
const items: Text[] = commands.flatMap(({ path, command }) =>
  [...optionGroups(command).flatMap((group) => group.items), ...argumentItems(command)].map(
    ({ term, text }) => ({ at: `${path} ${term}`, text }),
  ),
);
const purposes: Text[] = commands.flatMap(({ path, command }) =>
  helpSections(command).examples.map(([line, text]) => ({ at: `${path}: ${line}`, text })),
);
const meanings: Text[] = commands.flatMap(({ path, command }) =>
  helpSections(command).exitCodes.map(([code, text]) => ({ at: `${path}: ${code}`, text })),
);
/** What `dp smoke --list` prints. */
const checks: Text[] = allChecks.map(({ name, proves }) => ({ at: `smoke ${name}`, text: proves }));
const everything = [...summaries, ...descriptions, ...items, ...purposes, ...meanings, ...checks];

/** The texts that do not pass, with where they are. */
function failing(texts: readonly Text[], passes: (text: string) => boolean): string[] {
  return texts.filter(({ text }) => !passes(text)).map(({ at, text }) => `${at}: ${text}`);
}

test("the whole command line is read", () => {
  expect(leaves.length).toBeGreaterThan(40);
  expect(items.length).toBeGreaterThan(500);
});

test("a summary is one imperative sentence of at most 72 characters", () => {
  expect(failing(summaries, (text) => verbs.test(text))).toEqual([]);
  expect(failing(summaries, (text) => text.length <= 72)).toEqual([]);
  expect(failing(summaries, (text) => !/\.(?: |$)|[;:`]|\bexit(?:s| code)?\b/i.test(text))).toEqual(
    [],
  );
});

test("a description has full sentences", () => {
  expect(failing(descriptions, (text) => /^[A-Z`].*\.$/s.test(text))).toEqual([]);
  expect(failing(descriptions, (text) => !text.includes(";"))).toEqual([]);
});

test("the text of an option or argument starts with a capital and is one phrase", () => {
  expect(failing(items, (text) => /^[A-Z]/.test(text))).toEqual([]);
  expect(failing(items, (text) => !/(?<!\.\.)\.$|\. [A-Z]/.test(text))).toEqual([]);
  expect(failing(items, (text) => text.split(";").length <= 2)).toEqual([]);
});

test("a default is shown as it is typed", () => {
  expect(failing(items, (text) => !/default[^)]*\d{4,}(?!\d*\))/.test(text))).toEqual([]);
  const durations = items.filter(({ at }) => at.endsWith("<duration>"));
  expect(durations.length).toBeGreaterThan(8);
  expect(
    failing(durations, (text) => !/default: (?!no limit|\d+(?:ms|[smhd])\))/.test(text)),
  ).toEqual([]);
});

test.each(leaves)("$path has three to six examples of itself", ({ path, command }) => {
  const { examples } = helpSections(command);
  expect(examples.length).toBeGreaterThanOrEqual(3);
  expect(examples.length).toBeLessThanOrEqual(6);
  for (const [line] of examples) expect(line).toMatch(new RegExp(`\\b${path}\\b`));
});

test("an example starts with a comment that says what it does", () => {
  expect(failing(purposes, (text) => verbs.test(text))).toEqual([]);
  expect(failing(purposes, (text) => !/[.;`]$|;/.test(text))).toEqual([]);
});

test("the meaning of an exit code, and of a check, is one phrase", () => {
  expect(failing([...meanings, ...checks], (text) => /^[A-Z].*[^.]$/.test(text))).toEqual([]);
});

test.each(avoided)("no text of help has %s: write %s", (words) => {
  expect(failing(everything, (text) => !words.test(text))).toEqual([]);
});

test("examples and texts name only commands and options that exist", () => {
  const lines = commands.flatMap(({ command }) =>
    helpSections(command).examples.map(([line]) => line),
  );
  const spans = everything.flatMap(({ text }) => text.match(/(?<=`)dp [^`]*(?=`)/g) ?? []);
  const calls = [...lines, ...spans].flatMap(findCalls);
  expect(calls.length).toBeGreaterThan(150);
  expect(calls.flatMap(findUnknown)).toEqual([]);
});

test("options and commands in a text are marked as code", () => {
  const names = program.commands.map((command) => command.name()).join("|");
  const code = new RegExp(`(?<![\\w-])--?[a-z]|\\bdp (?:${names})\\b`);
  const passes = (text: string): boolean => !code.test(text.replaceAll(/`[^`]*`/g, ""));
  expect(failing([...descriptions, ...items, ...meanings], passes)).toEqual([]);
});

/** The arguments of each dp in a line of the shell, without those of a program that dp runs. */
function findCalls(line: string): string[][] {
  const parts = line.split(/ (?:\||&&|>|<) |[")]/);
  const calls = parts.flatMap((part) => /\bdp (.*)/.exec(part)?.[1] ?? []);
  return calls.map((call) => call.replace(/ -- .*/, "").split(" "));
}

function findUnknown(words: readonly string[]): string[] {
  let command: Command = program;
  for (const word of words) {
    const child = command.commands.find(
      (one) => one.name() === word || one.aliases().includes(word),
    );
    if (child === undefined) break;
    command = child;
  }
  const unknown = words
    .filter((word) => /^--?[a-z]/i.test(word))
    .filter((word) => !command.options.some(({ short, long }) => word === short || word === long));
  const problems = command === program ? ["no command", ...unknown] : unknown;
  return problems.map((problem) => `dp ${words.join(" ")}: ${problem}`);
}
