import { Command, CommanderError, Option } from "commander";
import { DpError } from "../errors.ts";
import { rows } from "./command-rows.ts";
import { addCommands } from "./command-table.ts";
import { withExamples, type Example } from "../cli/command-help.ts";
import type { CommandHost } from "../cli/invocation.ts";
import { globalOptionsHeading, withSharedOptions } from "../cli/options.ts";
import { formatHelp } from "./help-screen.ts";
import { version } from "../version.ts";

export interface ProgramInput {
  readonly host: CommandHost;
  /** The arguments of the command line. Undefined: every command is loaded, for a reference of all. */
  readonly words: readonly string[] | undefined;
  /** Where the text of `--help` and `--version` is written. */
  readonly printHelp: (text: string) => void;
  /** The width of the terminal that the help is printed to. Undefined: it is not printed to a terminal. */
  readonly terminalColumns?: () => number | undefined;
}

/** The width of help in a pipe. */
const defaultColumns = 80;

/** Commander would ask the streams of the process, which loads them. `formatHelp` needs no answer. */
const plainOutput = {
  getOutHasColors: () => false,
  getErrHasColors: () => false,
  getOutHelpWidth: () => defaultColumns,
  getErrHelpWidth: () => defaultColumns,
};

const firstCommands: readonly Example[] = [
  ["dp up", "Start the stack of the nearest pipeline.yaml"],
  ["dp status", "Show the services with their health and addresses"],
  ["dp pipeline run <name>", "Run a pipeline and follow it until it ends"],
];

/** The parser for a command line. */
export async function createProgram(input: ProgramInput): Promise<Command> {
  const { host, words, printHelp, terminalColumns } = input;
  const program = new Command("dp");
  program
    .summary("Run a local data platform from one pipeline.yaml")
    .description(
      "Starts Kafka, Airflow, stores, and your own services in Docker, creates topics, and runs the pipelines between them.",
    )
    .usage("[options] <command>")
    .helpCommand("help [command]", "Show help for a command");
  // What stands after a command is its own: `-f` before logs is the file, after it `--follow`.
  withSharedOptions(program).enablePositionalOptions();
  withExamples(program, firstCommands);
  program.version(version, "-V, --version", "Print the version");
  program.options.at(-1)?.helpGroup(globalOptionsHeading);
  await addCommands({ parent: program, rows, words, host });
  for (const command of walk(program)) {
    command
      .exitOverride()
      .addHelpOption(new Option("-h, --help", "Print help").helpGroup(globalOptionsHeading))
      .configureHelp({
        formatHelp: (shown) => formatHelp(shown, terminalColumns?.() || defaultColumns),
      })
      .configureOutput({ writeErr: () => {}, writeOut: printHelp, ...plainOutput });
  }
  return program;
}

function* walk(command: Command): Generator<Command> {
  yield command;
  for (const child of command.commands) yield* walk(child);
}

/** Parses the words and runs the action; wrong usage is passed to `onUsageError`. */
export async function runProgram(
  program: Command,
  words: readonly string[],
  onUsageError: (error: DpError) => void,
): Promise<void> {
  try {
    await program.parseAsync(readHelpWords(program, words), { from: "user" });
  } catch (thrown) {
    if (!(thrown instanceof CommanderError)) throw thrown;
    if (thrown.exitCode !== 0) onUsageError(usageError(thrown, program, words));
  }
}

/**
 * Commander reads one name after `help`, so `dp help topic tail` is `dp topic help tail` for it. A name
 * that is no command is an unknown command, with or without `help` before it.
 */
function readHelpWords(program: Command, words: readonly string[]): readonly string[] {
  const [first, name = "", child = "", ...rest] = words;
  if (first === undefined) return ["--help"];
  if (first !== "help" || name === "" || name.startsWith("-")) return words;
  const parent = findCommand(program, name);
  if (parent === undefined) return [name];
  return findCommand(parent, child) === undefined ? words : [name, "help", child, ...rest];
}

function findCommand(parent: Command, name: string): Command | undefined {
  return parent.commands.find((child) => child.name() === name || child.aliases().includes(name));
}

/** Commander puts its nearest match on a second line: `(Did you mean --json?)`. */
function usageError(error: CommanderError, program: Command, words: readonly string[]): DpError {
  const path = namedPath(program, words);
  const name = path.map((command) => command.name()).join(" ");
  if (error.code === "commander.help") {
    const verbs = path.at(-1)?.commands.map((verb) => verb.name());
    return new DpError({
      code: "usage",
      message: `${name} needs a command`,
      why: verbs && `it has ${verbs.join(", ")}`,
      next: `${name} --help`,
    });
  }
  const [first = "", suggestion] = error.message.split("\n");
  return new DpError({
    code: "usage",
    message: invalidArgument(error.message) ?? first.replace(/^error: /, ""),
    next: suggestion?.replace(/^\((.*)\)$/, "$1") ?? adviceFor(path, name),
  });
}

/** `invalid duration "25d" for --timeout: must be …`, from what Commander reports of an option's argument. */
function invalidArgument(message: string): string | undefined {
  const form =
    /^error: option '(?:-\w, )?(--[\w-]+) \S([^>\]]+)\S' argument '(.*)' is invalid\. (.*)$/s;
  const [, flag, name, argument, reason = ""] = form.exec(message) ?? [];
  if (flag === undefined) return undefined;
  const rest = `${reason.charAt(0).toLowerCase()}${reason.slice(1)}`.replace(/\.$/, "");
  return `invalid ${name} "${argument}" for ${flag}: ${rest}`;
}

/** A command that runs another one takes that one's options for its own, unless they stand after `--`. */
function adviceFor(path: readonly Command[], name: string): string {
  const runsOther = path.at(-1)?.registeredArguments.at(-1)?.name() === "command";
  return runsOther ? `put -- before the command: ${name} … -- COMMAND` : `${name} --help`;
}

/** The program, and the commands below it that the words name. */
function namedPath(program: Command, words: readonly string[]): Command[] {
  const path = [program];
  for (const word of words) {
    const child = findCommand(path.at(-1) ?? program, word);
    if (child) path.push(child);
  }
  return path;
}
