import type { Command } from "commander";
import { helpSections } from "../cli/command-help.ts";
import type { CommandHost } from "../cli/invocation.ts";
import { clusterOptionsHeading, globalOptionsHeading } from "../cli/options.ts";
import {
  argumentItems,
  commandGroups,
  optionGroups,
  pathOf,
  usageOf,
  type HelpItem,
} from "./help-items.ts";
import { createProgram } from "./program.ts";

/** No action runs while the reference is written, and only actions use their host. */
const noHost = {} as CommandHost;

/** Renders the reference of the command line as Markdown: every command with all sections of its help. */
export async function renderCommands(): Promise<string> {
  const program = await createProgram({ host: noHost, words: undefined, printHelp: () => {} });
  const leaves = findLeaves(program);
  const external = leaves.find((command) => itemsOf(command, clusterOptionsHeading).length > 0);
  const parts = [
    preface,
    ...commandGroups(program).map(({ heading, items }) => renderContents(program, heading, items)),
    globalOptions,
    renderTable("option", itemsOf(program, globalOptionsHeading)),
    externalClusters,
    renderTable("option", external === undefined ? [] : itemsOf(external, clusterOptionsHeading)),
    exitCodes,
    ...commandGroups(program).flatMap(({ heading, items }) => [
      `## ${withoutColon(heading)}`,
      introductions[withoutColon(heading)] ?? "",
      ...leaves
        .filter((leaf) => items.some(({ term }) => term === topOf(leaf).name()))
        .map((leaf) => renderCommand(leaf, program)),
    ]),
  ];
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}

const preface = `# Commands

<!-- Generated from the command line of dp by \`npm run reference\`. -->

This page lists every command with its options, exit codes, and examples. \`dp COMMAND --help\` prints the same texts. In usage lines, \`<name>\` is required, \`[name]\` is optional, and \`...\` means one or more.`;

const globalOptions = `## Global options

Every command accepts these options, before its name or after it. After \`dp logs\` and \`dp pipeline logs\`, \`-f\` means \`--follow\`. [Environment variables](scripts-and-ci.md#environment-variables) set the defaults of some options.`;

const externalClusters = `## Options for an external cluster

The commands of \`dp topic\` and \`dp group\` also work with [clusters that dp did not start](kafka.md#other-clusters). \`--brokers\` or \`--client-properties\` selects such a cluster. Neither pipeline.yaml nor Docker is needed then.`;

const exitCodes = `## Exit codes

Every command exits with code 0 after success, 1 after a failure, and 2 after wrong usage or for an invalid pipeline.yaml. The section of a command lists its exit codes if they mean more. [Scripts and CI](scripts-and-ci.md#exit-codes) explains all exit codes.`;

/** Links to the page that explains a group of commands. */
const introductions: Readonly<Record<string, string>> = {
  Stack: "[How dp works](how-it-works.md) explains what happens when a stack starts and changes.",
  Data: "[Kafka](kafka.md) explains offsets, formats, and records, with more examples.",
  Pipelines: "[Pipelines](pipelines.md) explains steps, runs, and their results.",
  Checks: "[Troubleshooting](troubleshooting.md) lists problems by their symptoms.",
  Project: "[pipeline.yaml reference](pipeline-yaml.md) describes every key of the file.",
};

function renderContents(program: Command, heading: string, items: readonly HelpItem[]): string {
  const lines = items.flatMap(({ term }) => {
    const command = program.commands.find((child) => child.name() === term);
    return command === undefined ? [] : findLeaves(command).map(toContentsLine);
  });
  return `**${withoutColon(heading)}**\n\n${lines.join("\n")}`;
}

function toContentsLine(command: Command): string {
  const path = pathOf(command);
  return `- [\`${path}\`](#${path.replaceAll(" ", "-")}): ${command.summary()}`;
}

function renderCommand(command: Command, program: Command): string {
  const { examples } = helpSections(command);
  const parts = [
    `### ${pathOf(command)}`,
    `${command.summary()}.${aliasText(command)}`,
    codeBlock(usageOf(command)),
    command.description(),
    renderTable("argument", argumentItems(command)),
    renderTable("option", ownOptions(command, program)),
    itemsOf(command, clusterOptionsHeading).length > 0 ? alsoExternal : "",
    renderTable("exit code", exitCodeItems(command)),
    "Examples:",
    codeBlock(examples.map(([line, purpose]) => `# ${purpose}\n${line}`).join("\n\n")),
  ];
  return parts.filter((part) => part !== "").join("\n\n");
}

const alsoExternal =
  "Also accepts the [options for an external cluster](#options-for-an-external-cluster).";

/** The options that are not the same for every command. */
function ownOptions(command: Command, program: Command): HelpItem[] {
  const shared = itemsOf(program, globalOptionsHeading).map(({ term }) => term);
  return optionGroups(command)
    .filter(({ heading }) => heading !== clusterOptionsHeading)
    .flatMap(({ items }) => items)
    .filter(({ term }) => !shared.includes(term));
}

function itemsOf(command: Command, heading: string): readonly HelpItem[] {
  return optionGroups(command).find((group) => group.heading === heading)?.items ?? [];
}

function exitCodeItems(command: Command): HelpItem[] {
  const { exitCodes: codes } = helpSections(command);
  return codes.map(([code, meaning]) => ({ term: String(code), text: meaning }));
}

function aliasText(command: Command): string {
  const aliases = command.aliases().map((alias) => `\`${pathOf(command, alias)}\``);
  return aliases.length === 0 ? "" : ` Alias: ${aliases.join(", ")}.`;
}

function renderTable(title: string, items: readonly HelpItem[]): string {
  if (items.length === 0) return "";
  const rows = items.map(({ term, text }) => `| \`${escape(term)}\` | ${escapeText(text)} |`);
  return [`| ${title} | meaning |`, "| --- | --- |", ...rows].join("\n");
}

function escape(cell: string): string {
  return cell.replaceAll("|", "\\|");
}

/** Outside of code, placeholders such as `<project>` would be taken for HTML, and `*` for emphasis. */
function escapeText(cell: string): string {
  const parts = escape(cell).split("`");
  return parts
    .map((part, index) =>
      index % 2 === 1 ? part : part.replaceAll("<", "&lt;").replaceAll("*", "\\*"),
    )
    .join("`");
}

function codeBlock(text: string): string {
  return text === "" ? "" : `\`\`\`sh\n${text}\n\`\`\``;
}

function withoutColon(heading: string): string {
  return heading.replace(/:$/, "");
}

/** Returns the commands that hold no others: the command itself, or those below it. */
function findLeaves(command: Command): Command[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap(findLeaves);
}

function topOf(command: Command): Command {
  const { parent } = command;
  return parent === null || parent.parent === null ? command : topOf(parent);
}
