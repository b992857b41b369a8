import type { Command } from "commander";

/** A command line and its purpose, an imperative phrase. */
export type Example = readonly [line: string, purpose: string];

/** An exit code and its meaning; "any" is the exit code of another program. */
export type ExitCodeMeaning = readonly [code: number | "any", meaning: string];

interface HelpSections {
  readonly examples: readonly Example[];
  readonly exitCodes: readonly ExitCodeMeaning[];
}

const empty: HelpSections = { examples: [], exitCodes: [] };

/** Commander has no place for these sections, so they are kept beside its commands. */
const sections = new WeakMap<Command, HelpSections>();

export function withExamples(command: Command, examples: readonly Example[]): Command {
  sections.set(command, { ...helpSections(command), examples });
  return command;
}

/** Adds the exit codes that mean more than in other commands. */
export function withExitCodes(command: Command, exitCodes: readonly ExitCodeMeaning[]): Command {
  sections.set(command, { ...helpSections(command), exitCodes });
  return command;
}

/** Returns the sections of a command's help that follow its options. */
export function helpSections(command: Command): HelpSections {
  return sections.get(command) ?? empty;
}
