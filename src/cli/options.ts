import { InvalidArgumentError, type Command } from "commander";

/** What every command takes, before its name or after it. */
export interface SharedOptions {
  readonly file: string | undefined;
  readonly project: string | undefined;
  /** `--profile` as given: a name, or `none`; undefined when it was not given. */
  readonly profile: string | undefined;
  /** The words after each `--set`, in their order. */
  readonly set: readonly string[];
  /** Docker's context to use instead of what the environment says. */
  readonly context: string | undefined;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
  /** False when `--no-color` was given. */
  readonly color: boolean;
}

interface SharedOptionsStyle {
  /** `long` leaves `-f` to the command itself, where it means `--follow`. */
  readonly fileFlag?: "short" | "long";
}

/** Adds the shared options to a command; they are hidden from its own list and shown in one line. */
export function withSharedOptions(command: Command, style: SharedOptionsStyle = {}): Command {
  const file = style.fileFlag === "long" ? "--file <path>" : "-f, --file <path>";
  return command
    .option(file, "the pipeline.yaml (default: the nearest one upwards)")
    .option("--project <name>", "use this stack name instead of the file's")
    .option("--profile <name>", "lay this profile over the file; none: no profile")
    .option("--set <key=value>", "set one value, as in kafka.brokers=3; may be repeated", collect)
    .option("--context <name>", "Docker's context to use")
    .option("--json", "machine-readable output")
    .option("-q, --quiet", "no progress")
    .option("--verbose", "more detail, and stack traces of faults")
    .option("--no-color", "no colour");
}

function collect(word: string, before: readonly string[] | undefined): string[] {
  return [...(before ?? []), word];
}

/** Shared options of a command, wherever on the line they stood. */
export function readSharedOptions(command: Command): SharedOptions {
  const levels: Command[] = [];
  for (let level: Command | null = command; level; level = level.parent) levels.push(level);
  const given = (name: string): unknown =>
    levels.find((level) => isGiven(level, name))?.getOptionValue(name);
  return {
    file: given("file") as string | undefined,
    project: given("project") as string | undefined,
    profile: given("profile") as string | undefined,
    set: levels.toReversed().flatMap((level) => (level.getOptionValue("set") ?? []) as string[]),
    context: given("context") as string | undefined,
    json: given("json") === true,
    quiet: given("quiet") === true,
    verbose: given("verbose") === true,
    color: given("color") !== false,
  };
}

function isGiven(level: Command, name: string): boolean {
  const source = level.getOptionValueSource(name);
  return source !== undefined && source !== "default";
}

/** Examples below a command's help: what to type, and what for. */
export function withExamples(
  command: Command,
  examples: readonly (readonly [line: string, purpose: string])[],
): Command {
  const width = Math.max(...examples.map(([line]) => line.length));
  const lines = examples.map(([line, purpose]) => `  ${line.padEnd(width)}  ${purpose}`);
  return command.addHelpText("after", `\nExamples:\n${lines.join("\n")}`);
}

const durationUnits: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** An option's duration, `500ms 30s 10m 2h 7d`, in milliseconds. */
export function parseDurationOption(text: string): number {
  const match = /^(\d+)(ms|s|m|h|d)$/.exec(text);
  const unit = durationUnits[match?.[2] ?? ""];
  if (!match || unit === undefined) {
    throw new InvalidArgumentError("write it like 500ms, 30s, 10m, 2h or 7d.");
  }
  return Number(match[1]) * unit;
}

/** An option's whole number, from `least` upwards. */
export function parseCountOption(least: number) {
  return (text: string): number => {
    const count = Number(text);
    if (!/^\d+$/.test(text) || count < least) {
      throw new InvalidArgumentError(`write a whole number from ${least} upwards.`);
    }
    return count;
  };
}
