import type { Command } from "commander";
import { helpSections } from "../cli/command-help.ts";
import { wrapWords } from "../report/width.ts";
import {
  argumentItems,
  commandGroups,
  optionGroups,
  pathOf,
  usageOf,
  type HelpGroup,
  type HelpItem,
} from "./help-items.ts";

/** Longer lines are hard to read, narrower terminals wrap by themselves. */
const columnLimits = { least: 40, most: 100 };
const indent = 2;
const gap = 2;
/** Where less is left for them, texts begin on a line of their own. */
const leastTextColumns = 30;

/** Formats the help of a command for a terminal of this width. */
export function formatHelp(command: Command, terminalColumns: number): string {
  const columns = Math.min(Math.max(terminalColumns, columnLimits.least), columnLimits.most);
  const sections = [
    formatUsage(command),
    ...[command.summary(), command.description()].map((text) => wrapText(text, columns)),
    formatGroups(commandGroups(command), columns),
    formatGroups(
      [{ heading: "Arguments:", items: argumentItems(command) }, ...optionGroups(command)],
      columns,
    ),
    formatGroups([{ heading: "Exit codes:", items: exitCodeItems(command) }], columns),
    formatExamples(command, columns),
    formatNextStep(command, columns),
  ];
  return `${sections.filter((text) => text !== "").join("\n\n")}\n`;
}

function formatUsage(command: Command): string {
  const aliases = command.aliases().map((alias) => pathOf(command, alias));
  const lines = [`Usage: ${usageOf(command)}`];
  if (aliases.length > 0) lines.push(`Alias: ${aliases.join(", ")}`);
  return lines.join("\n");
}

function exitCodeItems(command: Command): HelpItem[] {
  const { exitCodes } = helpSections(command);
  return exitCodes.map(([code, meaning]) => ({ term: String(code), text: meaning }));
}

/** Formats groups so that all their texts begin in the same column. */
function formatGroups(groups: readonly HelpGroup[], columns: number): string {
  const filled = groups.filter(({ items }) => items.length > 0);
  const terms = filled.flatMap(({ items }) => items.map(({ term }) => term.length));
  const widths = { term: Math.max(0, ...terms), columns };
  const blocks = filled.map(({ heading, items }) =>
    [heading, ...items.map((item) => formatItem(item, widths))].join("\n"),
  );
  return blocks.join("\n\n");
}

function formatItem(
  { term, text }: HelpItem,
  widths: { readonly term: number; readonly columns: number },
): string {
  const textColumn = indent + widths.term + gap;
  if (widths.columns - textColumn < leastTextColumns) {
    return `${spaces(indent)}${term}\n${indentLines(wrapText(text, widths.columns - 6), 6)}`;
  }
  const wrapped = indentLines(wrapText(text, widths.columns - textColumn), textColumn);
  return `${spaces(indent)}${term.padEnd(widths.term + gap)}${wrapped.trimStart()}`.trimEnd();
}

function formatExamples(command: Command, columns: number): string {
  const { examples } = helpSections(command);
  if (examples.length === 0) return "";
  if (command.commands.length > 0) {
    const items = examples.map(([line, purpose]) => ({ term: line, text: purpose }));
    return formatGroups([{ heading: "Get started:", items }], columns);
  }
  const blocks = examples.map(([line, purpose]) => {
    const comment = wrapWords(purpose, columns - indent - 2).replaceAll("\n", "\n# ");
    return indentLines(`# ${comment}\n${line}`, indent);
  });
  return `Examples:\n${blocks.join("\n\n")}`;
}

/** Names the next help to read, for commands that only hold other commands. */
function formatNextStep(command: Command, columns: number): string {
  if (command.commands.length === 0) return "";
  const text = `Run "${pathOf(command)} <command> --help" for the options and examples of a command.`;
  return wrapWords(text, columns);
}

/** Texts mark code with backticks, which only a page renders. */
function wrapText(text: string, columns: number): string {
  return wrapWords(text.replaceAll("`", ""), columns);
}

function indentLines(text: string, columns: number): string {
  return text.replaceAll(/^(?=.)/gm, spaces(columns));
}

function spaces(count: number): string {
  return " ".repeat(count);
}
