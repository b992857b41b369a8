import type { Command } from "commander";
import type { CommandHost } from "../../src/cli/invocation.ts";
import { createProgram } from "../../src/program/program.ts";

/** The command line with every command loaded. Its actions can't run: they have no host. */
export async function loadProgram(): Promise<Command> {
  const host = {} as CommandHost;
  return createProgram({ host, words: undefined, printHelp: () => {} });
}

/** The command and all below it. */
export function findCommands(command: Command): Command[] {
  return [command, ...command.commands.flatMap(findCommands)];
}
