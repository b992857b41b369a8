import type { Argument, Command, Option } from "commander";
import { clusterOptionsHeading, globalOptionsHeading } from "../cli/options.ts";

/** A row of help: an argument, an option, a command, or an exit code. */
export interface HelpItem {
  readonly term: string;
  readonly text: string;
}

export interface HelpGroup {
  readonly heading: string;
  readonly items: readonly HelpItem[];
}

const ownOptionsHeading = "Options:";

/** Own options come first, then the shared ones, in the order in which they were added. */
export function optionGroups(command: Command): HelpGroup[] {
  const visible = command.createHelp().visibleOptions(command);
  const groups = groupBy(visible, ({ helpGroupHeading }) => helpGroupHeading ?? ownOptionsHeading);
  const ordered = [...groups].toSorted(([a], [b]) => rankOf(a) - rankOf(b));
  return ordered.map(([heading, options]) => ({ heading, items: options.map(toOptionItem) }));
}

function rankOf(heading: string): number {
  return [ownOptionsHeading, clusterOptionsHeading, globalOptionsHeading].indexOf(heading);
}

/** The commands below a command, in the groups of their rows. */
export function commandGroups(command: Command): HelpGroup[] {
  const groups = groupBy(command.commands, (child) => child.helpGroup() || "Commands:");
  return [...groups].map(([heading, commands]) => ({
    heading,
    items: commands.map((child) => ({ term: child.name(), text: child.summary() })),
  }));
}

function groupBy<T>(items: readonly T[], groupOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groupOf(item);
    groups.set(group, [...(groups.get(group) ?? []), item]);
  }
  return groups;
}

export function argumentItems(command: Command): HelpItem[] {
  return command.registeredArguments.map((argument) => ({
    term: argument.name(),
    text: describe(argument, argument.defaultValue !== undefined),
  }));
}

function toOptionItem(option: Option): HelpItem {
  const takesValue = option.required || option.optional;
  const text = describe(option, takesValue && option.defaultValue !== undefined);
  return { term: option.flags, text: option.mandatory ? `${text} (required)` : text };
}

/** `Codec of the batches: none, gzip, or lz4 (default: none)` */
function describe(item: Argument | Option, hasDefault: boolean): string {
  const choices = item.argChoices === undefined ? "" : `: ${joinChoices(item.argChoices)}`;
  const standard: unknown = item.defaultValueDescription ?? item.defaultValue;
  return `${item.description}${choices}${hasDefault ? ` (default: ${String(standard)})` : ""}`;
}

function joinChoices(choices: readonly string[]): string {
  if (choices.length < 3) return choices.join(" or ");
  return `${choices.slice(0, -1).join(", ")}, or ${choices.at(-1)}`;
}

/** `dp topic tail [options] <topic...>` */
export function usageOf(command: Command): string {
  return `${pathOf(command)} ${command.usage()}`;
}

/** The command with those above it: `dp topic tail`. */
export function pathOf(command: Command, name = command.name()): string {
  return command.parent === null ? name : `${pathOf(command.parent)} ${name}`;
}
