import { Command } from "commander";
import type { CommandHost } from "../cli/invocation.ts";
import { withSharedOptions } from "../cli/options.ts";

type CreateCommand = (host: CommandHost) => Command;

/** The headings of `dp --help`. */
export type CommandGroup = "Stack" | "Data" | "Pipelines" | "Checks" | "Project";

/** One row of the command line. A command's own module is loaded only when it is the one to run. */
export type CommandRow = {
  readonly name: string;
  readonly alias?: string;
  /** Only commands of dp itself have one. */
  readonly group?: CommandGroup;
  readonly summary: string;
} & (
  | { readonly load: () => Promise<CreateCommand> }
  | { readonly commands: readonly CommandRow[] }
);

export interface TableInput {
  readonly parent: Command;
  readonly rows: readonly CommandRow[];
  /** The arguments after the parent's name. Undefined: every command is loaded. */
  readonly words: readonly string[] | undefined;
  readonly host: CommandHost;
}

/** Shared options whose value is a word of its own. */
const valued = new Set(["-f", "--file", "--project", "--profile", "--set", "--context"]);

/** Adds the rows to a parent: the one that the words name in full, the others by their summary. */
export async function addCommands({ parent, rows, words, host }: TableInput): Promise<void> {
  const at = words?.findIndex((word, index) => isOperand(words, index) && word !== "help") ?? -1;
  const named = words?.[at];
  for (const row of rows) {
    const isNamed = named !== undefined && (row.name === named || row.alias === named);
    const isLoaded = isNamed || words === undefined;
    const rest = isNamed ? words?.slice(at + 1) : words && [];
    const command = await createCommand(row, { isLoaded, words: rest, host });
    command.name(row.name).summary(row.summary);
    if (row.alias !== undefined) command.alias(row.alias);
    if (row.group !== undefined) command.helpGroup(`${row.group}:`);
    parent.addCommand(command);
  }
}

/** Whether a word of the command line is a command or its argument: neither a flag nor a shared one's value. */
function isOperand(words: readonly string[], index: number): boolean {
  const before = words[index - 1];
  const isValue = before !== undefined && valued.has(before);
  return !isValue && !words[index]?.startsWith("-");
}

/** The command without its arguments, which may contain secrets: others print it. */
export function describeCommand(words: readonly string[]): string {
  return `dp ${words.find((_, index) => isOperand(words, index)) ?? ""}`.trimEnd();
}

async function createCommand(
  row: CommandRow,
  on: { isLoaded: boolean; words: readonly string[] | undefined; host: CommandHost },
): Promise<Command> {
  if ("commands" in row) {
    const group = withSharedOptions(new Command(row.name)).enablePositionalOptions();
    group.usage("[options] <command>");
    const { isLoaded, words, host } = on;
    if (isLoaded) await addCommands({ parent: group, rows: row.commands, words, host });
    return group;
  }
  return on.isLoaded ? (await row.load())(on.host) : new Command(row.name);
}
