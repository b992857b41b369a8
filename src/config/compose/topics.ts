import { shellWords } from "../container-forms.ts";

/** A topic as a script or a variable of a Compose file creates it. */
export interface CreatedTopic {
  readonly name: string;
  readonly partitions: string | undefined;
  readonly replication: string | undefined;
  readonly config: Readonly<Record<string, string>>;
}

export interface ReadScript<Created> {
  readonly created: readonly Created[];
  /** Commands that create something and can't be read, e.g. because of a variable. */
  readonly unreadable: readonly string[];
  /** Commands that do something else than create, print, or wait. */
  readonly others: readonly string[];
}

type Lookup = (name: string) => string | undefined;

/** The topics that a script creates with kafka-topics or rpk. Variables are those of its container. */
export function readTopicScript(script: string, lookup: Lookup): ReadScript<CreatedTopic> {
  return readScript({ script, lookup, read: readTopicCommand });
}

/** The buckets that a script creates with mc or the AWS command line. */
export function readBucketScript(script: string, lookup: Lookup): ReadScript<string> {
  return readScript({ script, lookup, read: readBucketCommand });
}

/** Undefined for another command; empty for one that creates nothing. */
type ReadCommand<Created> = (words: readonly string[]) => readonly Created[] | undefined;

function readScript<Created>(input: {
  readonly script: string;
  readonly lookup: Lookup;
  readonly read: ReadCommand<Created>;
}): ReadScript<Created> {
  const { script, lookup, read } = input;
  const created: Created[] = [];
  const unreadable: string[] = [];
  const others: string[] = [];
  for (const command of commandsOf(script)) {
    const filled = fillIn(command, lookup);
    const words = shellWords(filled);
    const found = words && read(words);
    if (!found && !isHarmless(filled)) others.push(command);
    else if (found && found.length > 0 && filled.includes("$")) unreadable.push(command);
    else created.push(...(found ?? []));
  }
  return { created, unreadable, others };
}

/** The commands of a shell script, with loops over a list of words unrolled. */
function commandsOf(script: string): string[] {
  return unroll(script.replaceAll(/\\\r?\n/g, " "))
    .split(/&&|\|\||[;\n]/)
    .map((command) =>
      command
        .trim()
        .replace(/^(do|then|else)\s+/, "")
        .replace(/\s*[|&>].*$/, "")
        .trim(),
    )
    .filter((command) => command !== "" && !command.startsWith("#"));
}

const loop = /\bfor\s+(\w+)\s+in\s+([^;\n]+?)\s*[;\n]\s*do\b([^]*?)\bdone\b/;

function unroll(script: string): string {
  let unrolled = script;
  for (let match = loop.exec(unrolled); match; match = loop.exec(unrolled)) {
    const [whole, name = "", list = "", body = ""] = match;
    const rounds = (shellWords(list) ?? []).map((word) =>
      body.replaceAll(new RegExp(String.raw`\$(?:\{${name}\}|${name}\b)`, "g"), () => word),
    );
    unrolled = unrolled.replace(whole, () => rounds.join("\n"));
  }
  return unrolled;
}

function fillIn(command: string, lookup: Lookup): string {
  return command.replaceAll(
    /\$(?:\{(\w+)\}|(\w+))/g,
    (found, braced?: string, bare?: string) => lookup(braced ?? bare ?? "") ?? found,
  );
}

/** Commands of start scripts that create nothing and change nothing. */
function isHarmless(command: string): boolean {
  return /^["'\s]*$|^["']?(echo|printf|sleep|until|while|if|fi|done|do|then|else|set|exit|wait|true|:|cub|nc|\[|test|export|exec\s+(ba)?sh|(ba)?sh|\/bin\/(ba)?sh|tail|cat|date|trap)\b|^\S*kafka-(topics|broker-api-versions|configs|metadata-quorum)|^rpk\s+(cluster|topic\s+list)|^(\S*\/)?mc\s+(--\S+\s+)*(alias|config|ls|ready|anonymous|policy|admin\s+info)\b|^\w+=/.test(
    command,
  );
}

function readTopicCommand(words: readonly string[]): CreatedTopic[] | undefined {
  const tool = words.findIndex((word) => /(^|\/)kafka-topics(\.sh)?$/.test(word));
  if (tool >= 0) {
    return words.includes("--create") ? readKafkaTopics(words.slice(tool + 1)) : undefined;
  }
  const rpk = words.findIndex((word, index) => word === "rpk" && words[index + 1] === "topic");
  if (rpk < 0 || words[rpk + 2] !== "create") return undefined;
  return readRpk(words.slice(rpk + 3));
}

/** https://kafka.apache.org/documentation/#basic_ops_add_topic */
function readKafkaTopics(words: readonly string[]): CreatedTopic[] {
  const [name] = optionValues(words, ["--topic"]);
  if (name === undefined) return [];
  return [
    {
      name,
      partitions: optionValues(words, ["--partitions"])[0],
      replication: optionValues(words, ["--replication-factor"])[0],
      config: toConfig(optionValues(words, ["--config"])),
    },
  ];
}

/** https://docs.redpanda.com/current/reference/rpk/rpk-topic/rpk-topic-create/ */
function readRpk(words: readonly string[]): CreatedTopic[] {
  const [partitions] = optionValues(words, ["-p", "--partitions"]);
  const [replication] = optionValues(words, ["-r", "--replicas"]);
  const config = toConfig(optionValues(words, ["-c", "--topic-config"]));
  const names = words.filter(
    (word, index) => !word.startsWith("-") && !takesValue(words[index - 1]),
  );
  return names.map((name) => ({ name, partitions, replication, config }));
}

function takesValue(word: string | undefined): boolean {
  return word !== undefined && word.startsWith("-") && !word.includes("=");
}

/** The values of an option: `--name value` or `--name=value`. */
function optionValues(words: readonly string[], names: readonly string[]): string[] {
  return words.flatMap((word, index) => {
    const name = names.find((each) => word === each || word.startsWith(`${each}=`));
    if (name === undefined) return [];
    const value = word === name ? words[index + 1] : word.slice(name.length + 1);
    return value === undefined ? [] : [value];
  });
}

function toConfig(pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.flatMap((pair) => {
      const [, key, value] = /^([^=]+)=(.*)$/.exec(pair) ?? [];
      return key === undefined || value === undefined ? [] : [[key, value]];
    }),
  );
}

function readBucketCommand(words: readonly string[]): string[] | undefined {
  const rest = words.filter((word) => !word.startsWith("-"));
  const mc = rest.findIndex((word, index) => /(^|\/)mc$/.test(word) && rest[index + 1] === "mb");
  if (mc >= 0) return rest.slice(mc + 2).flatMap((target) => target.split("/")[1] ?? []);
  const url = rest.find((word) => word.startsWith("s3://"));
  if (url !== undefined && rest.includes("mb")) {
    return [url.slice("s3://".length).replace(/\/.*/, "")];
  }
  if (!rest.includes("create-bucket")) return undefined;
  return optionValues(words, ["--bucket"]);
}

/**
 * `name:partitions:replicas[:cleanup.policy]`, separated by commas or lines:
 * https://github.com/wurstmeister/kafka-docker#automatically-create-topics
 */
export function parseCreateTopics(text: string): CreatedTopic[] {
  return text.split(/[,\n]/).flatMap((entry) => {
    const [name = "", partitions, replication, policy] = entry.trim().split(":");
    if (name === "") return [];
    const config: Record<string, string> = policy ? { "cleanup.policy": policy } : {};
    return [{ name, partitions, replication, config }];
  });
}
