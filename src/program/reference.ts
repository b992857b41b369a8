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

/** The reference page of the command line as Markdown: every command with all that its help shows. */
export async function renderCommands(): Promise<string> {
  const program = await createProgram({ host: noHost, words: undefined, printHelp: () => {} });
  const leaves = findLeaves(program);
  const external = leaves.find((command) => itemsOf(command, clusterOptionsHeading).length > 0);
  const parts = [
    preface,
    ...commandGroups(program).map(({ heading, items }) => renderContents(program, heading, items)),
    "## Global options",
    "Every command accepts these options, before its name or after it.",
    renderTable("option", itemsOf(program, globalOptionsHeading)),
    "## Options for an external cluster",
    externalClusters,
    renderTable("option", external === undefined ? [] : itemsOf(external, clusterOptionsHeading)),
    exitCodes,
    ...commandGroups(program).flatMap(({ heading, items }) => [
      `## ${withoutColon(heading)}`,
      ...leaves
        .filter((leaf) => items.some(({ term }) => term === topOf(leaf).name()))
        .map((leaf) => renderCommand(leaf, program)),
    ]),
  ];
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}

const preface = `# Commands

<!-- Generated from the command line of dp by \`npm run reference\`. -->

\`dp COMMAND --help\` prints the same texts. In usage lines, \`<name>\` is required, \`[name]\` is optional, and \`...\` means one or more.`;

const externalClusters = `The commands of \`dp topic\` and \`dp group\` also work with clusters that dp did not start. They use the first of: \`--brokers\` or \`--client-properties\`, the stack of the nearest \`pipeline.yaml\`, and the variable \`KAFKA_BOOTSTRAP_SERVERS\`.`;

const exitCodes = `## Exit codes

These codes mean the same for every command. Where a command uses 3 or 10, or the exit code of another program, its section says when.

| code | meaning |
| --- | --- |
| 0 | The command succeeded. |
| 1 | The command failed, its result could not be determined, or you answered no to a confirmation. |
| 2 | The command line or pipeline.yaml is invalid, or a confirmation was required without a terminal. |
| 3 | Changes are pending. |
| 10 | The answer is no: unhealthy, a check failed, or a run failed. |
| 130, 143 | The command was interrupted by SIGINT (130), SIGTERM, or SIGHUP (143). |`;

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

/** The commands that hold no others, the command itself included. */
function findLeaves(command: Command): Command[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap(findLeaves);
}

function topOf(command: Command): Command {
  const { parent } = command;
  return parent === null || parent.parent === null ? command : topOf(parent);
}
