import { InvalidArgumentError, Option, type Command } from "commander";
import { saslMechanisms, type SaslMechanism } from "../kafka/connection/security.ts";
import {
  describeDurations,
  describeIntegers,
  parseDuration,
  parseInteger,
  partitionLimits,
  waitLimits,
  type Limits,
} from "../config/units.ts";
import type { ClusterOptions, SharedOptions } from "../app/request.ts";

export const globalOptionsHeading = "Global options:";
export const clusterOptionsHeading = "Options for an external cluster:";

interface SharedOptionsStyle {
  /** `long` leaves `-f` to the command itself, where it means `--follow`. */
  readonly fileFlag?: "short" | "long";
  /** `own` leaves `--set` after its name to the command itself; its value must not be a list. */
  readonly setFlag?: "shared" | "own";
}

/** Adds the shared options to a command; help shows them below its own. */
export function withSharedOptions(command: Command, style: SharedOptionsStyle = {}): Command {
  const share = (flags: string, description: string): Option => {
    const option = new Option(flags, description).helpGroup(globalOptionsHeading);
    command.addOption(option);
    return option;
  };
  const file = style.fileFlag === "long" ? "--file <path>" : "-f, --file <path>";
  share(file, "Path of pipeline.yaml (default: in this or a parent folder)");
  share("--project <name>", "Name of the stack (default: the name in pipeline.yaml)");
  share("--profile <name>", 'Profile, or "none" (default: the profile of the last `dp up`)');
  if (style.setFlag !== "own") {
    const values = share(
      "--set <key=value>",
      "Override a value, e.g. `kafka.brokers=3` (repeatable)",
    );
    values.argParser(collect);
  }
  share("--context <name>", "Docker context to use");
  share("--json", "Print JSON instead of text");
  share("-q, --quiet", "Hide progress and notes");
  share("--verbose", "Show more detail, and stack traces for internal errors");
  share("--no-color", "Disable colors");
  return command;
}

/** As withSharedOptions, with those that name any other cluster instead of the stack's. */
export function withClusterOptions(command: Command, style: SharedOptionsStyle = {}): Command {
  withSharedOptions(command, style);
  for (const [flags, description] of clusterFlags) {
    const option = new Option(flags, description).helpGroup(clusterOptionsHeading);
    command.addOption(flags.startsWith("--sasl") ? option.argParser(parseMechanism) : option);
  }
  return command;
}

const clusterFlags = [
  [
    "--brokers <host:port,…>",
    "Bootstrap servers (default without pipeline.yaml: `KAFKA_BOOTSTRAP_SERVERS`)",
  ],
  [
    "--client-properties <file>",
    "Client properties of Kafka's own tools, e.g. `bootstrap.servers`, `ssl.*`, and `sasl.*`",
  ],
  ["--tls", "Connect with TLS (implied by the other `--tls` options)"],
  ["--tls-ca <file>", "CA certificates of the brokers, in PEM (default: built-in CAs)"],
  ["--tls-cert <file>", "Client certificate, in PEM"],
  ["--tls-key <file>", "Private key of the client certificate, in PEM"],
  ["--tls-server-name <name>", "Server name to verify (default: the host of each broker)"],
  [
    "--sasl <mechanism>",
    `SASL mechanism: ${saslMechanisms.slice(0, -1).join(", ")}, or ${saslMechanisms.at(-1)}`,
  ],
  ["--user <name>", "User name for `--sasl`"],
  [
    "--password-file <file>",
    "File with the password in its first line (default: `DP_KAFKA_PASSWORD`, or a prompt)",
  ],
] as const;

function parseMechanism(text: string): SaslMechanism {
  const found = saslMechanisms.find((name) => name === text.toUpperCase());
  if (found !== undefined) return found;
  throw new InvalidArgumentError(`dp knows ${saslMechanisms.join(", ")}.`);
}

function readClusterOptions(command: Command): ClusterOptions | undefined {
  const isTaken = command.options.some(({ long }) => long === "--client-properties");
  if (!isTaken) return undefined;
  const text = (name: string) => command.getOptionValue(name) as string | undefined;
  const options: ClusterOptions = {
    brokers: text("brokers"),
    tls: command.getOptionValue("tls") === true,
    tlsCa: text("tlsCa"),
    tlsCert: text("tlsCert"),
    tlsKey: text("tlsKey"),
    tlsServerName: text("tlsServerName"),
    sasl: command.getOptionValue("sasl") as SaslMechanism | undefined,
    user: text("user"),
    passwordFile: text("passwordFile"),
    clientProperties: text("clientProperties"),
  };
  const isGiven = Object.values(options).some((value) => value !== undefined && value !== false);
  return isGiven ? options : undefined;
}

/** For an option that may be repeated: all its words, in their order. */
export function collect(word: string, before: readonly string[] | undefined): string[] {
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
    set: levels.toReversed().flatMap(setsOf),
    context: given("context") as string | undefined,
    json: given("json") === true,
    quiet: given("quiet") === true,
    verbose: given("verbose") === true,
    color: given("color") !== false,
    cluster: readClusterOptions(command),
  };
}

function setsOf(level: Command): readonly string[] {
  const values: unknown = level.getOptionValue("set");
  return Array.isArray(values) ? values.map(String) : [];
}

function isGiven(level: Command, name: string): boolean {
  const source = level.getOptionValueSource(name);
  return source !== undefined && source !== "default";
}

/** Reads an option's duration such as `30s` or `7d` within the limits, in milliseconds. */
export function parseDurationOption(limits: Limits) {
  return optionParser((text) => parseDuration(text, limits), describeDurations(limits));
}

/** An option that takes a duration. A default is a whole number of seconds, and shown so. */
export function durationOption(
  flags: string,
  description: string,
  { limits, defaultMs }: { readonly limits: Limits; readonly defaultMs?: number },
): Option {
  const option = new Option(flags, description).argParser(parseDurationOption(limits));
  return defaultMs === undefined ? option : option.default(defaultMs, `${defaultMs / 1000}s`);
}

/** The `--timeout` of commands that wait until services are ready. */
export function readinessTimeout(): Option {
  return durationOption("--timeout <duration>", "Maximum time to wait for readiness", {
    limits: waitLimits,
    defaultMs: 180_000,
  });
}

/** Reads an option's integer within the limits. */
export function parseCountOption(limits: Limits) {
  return optionParser((text) => parseInteger(text, limits), describeIntegers(limits));
}

/** Returns the parser of an option's argument, which throws for what `parse` can't read. */
export function optionParser<T>(parse: (text: string) => T | undefined, form: string) {
  return (text: string): T => {
    const value = parse(text);
    if (value === undefined) throw new InvalidArgumentError(`must be ${form}.`);
    return value;
  };
}

/** Numbers of a topic's partitions. */
export const partitionNumbers: Limits = { least: 0, most: partitionLimits.most - 1 };

/** Reads an option's list of partitions, `0,2` or `0-5`. */
export const parsePartitions = optionParser(
  readPartitions,
  `partitions from ${partitionNumbers.least} to ${partitionNumbers.most}, e.g. 0,2 or 0-5`,
);

function readPartitions(text: string): number[] | undefined {
  const partitions = new Set<number>();
  for (const part of text.split(",")) {
    const [, from = "", to = from] = /^\s*(\d+)(?:-(\d+))?\s*$/.exec(part) ?? [];
    const first = parseInteger(from, partitionNumbers);
    const last = parseInteger(to, partitionNumbers);
    if (first === undefined || last === undefined || last < first) return undefined;
    for (let partition = first; partition <= last; partition++) partitions.add(partition);
  }
  return [...partitions];
}
