import { Document, isScalar, Pair, parseDocument, Scalar, YAMLMap, type Node } from "yaml";
import { DpError } from "../errors.ts";
import { formatPath, type Path } from "../stack/path.ts";
import { valueAt, type Layer } from "./layers.ts";
import { checkValues, hintOf, messageOf } from "./schema-issues.ts";
import { alternatives, entriesOf, keysOf, takesKeys, type Alternatives } from "./schema-walk.ts";
import { overlaySchema } from "./schema.ts";
import { suggest } from "./rules/suggest.ts";
import { readValues } from "./values.ts";

/** One `--set`: a layer of one value. */
export interface Setting extends Layer {
  /** As typed: `--set kafka.brokers=3`. */
  readonly flag: string;
  readonly path: Path;
}

type Lookup = (name: string) => string | undefined;

/**
 * The word after `--set`, typed by the schema as if its value stood in the file:
 *
 *     PATH "=" VALUE
 *     PATH = PART *( "." PART )
 *     PART = a name without dots | '"' any name '"' | "'" any name "'"
 *
 * Dots in the names of properties need no quotes. A value in brackets, braces or quotes is read as
 * YAML, any other as one word of it. Throws DpError `usage` for what the language does not have.
 */
export function parseSetting(word: string, lookup: Lookup): Setting {
  const flag = `--set ${word}`;
  const { parts, text } = splitWord(word, flag);
  if (parts[0] === "name") {
    throw wrongSetting(`${flag}: the name is no setting`, "use --project NAME");
  }
  const path = toPath(parts);
  const value = readValue(text, flag);
  const read = readValues({
    document: new Document(nest(path, value)),
    text,
    schema: overlaySchema,
    lookup,
    readingOf: () => "overlay",
  });
  const [problem] = read.problems;
  if (problem) throw wrongSetting(`${flag}: ${problem.message}`, hintFor(problem, path));
  const { valid, issues } = checkValues(overlaySchema, read.value);
  const [issue] = issues;
  if (issue) throw wrongSetting(`${flag}: ${messageOf(issue)}`, hintOf(issue));
  if (text === "" && read.removed.length === 0 && valueAt(valid, path) === undefined) {
    throw wrongSetting(`${flag} has no value`, `${flag}false takes the setting away`);
  }
  const { variables, removed } = read;
  return { flag, path, value: valid, removed, variables, originOf: () => ({ kind: "flag", flag }) };
}

/**
 * What is wrong with a setting for this file: it sets a key of something that the file does not have.
 * Naming it as a whole adds it. `lower` is what it is laid over.
 */
export function undeclaredPart(
  { path, flag }: Setting,
  lower: unknown,
): { path: Path; message: string; hint: string } | undefined {
  let schema: Alternatives = alternatives(overlaySchema);
  for (const [index, part] of path.slice(0, -1).entries()) {
    const isNamed = keysOf(schema) === undefined;
    schema = entriesOf(schema, String(part));
    if (!isNamed) continue;
    const place = path.slice(0, index + 1);
    const known = namesAt(lower, path.slice(0, index));
    if (known.includes(String(part))) continue;
    return {
      path: place,
      message: `${flag}: ${formatPath(path.slice(0, index))} has no "${part}"`,
      hint: suggest({
        name: String(part),
        known,
        what: formatPath(path.slice(0, index)),
        otherwise: `--set '${quotePath(place)}={ … }' adds it`,
      }),
    };
  }
  return undefined;
}

/** The names of what is switched on in a map, or in a list of names. */
function namesAt(values: unknown, path: Path): string[] {
  const found = valueAt(values, path);
  if (Array.isArray(found)) return found.map(String);
  const entries = typeof found === "object" && found !== null ? Object.entries(found) : [];
  return entries.filter(([, value]) => value !== false).map(([name]) => name);
}

function splitWord(word: string, flag: string): { parts: string[]; text: string } {
  const parts: string[] = [];
  const part = /(?:"([^"]+)"|'([^']+)'|([^.="']+))([.=])/y;
  for (;;) {
    const match = part.exec(word);
    const name = match?.[1] ?? match?.[2] ?? match?.[3];
    if (!match || name === undefined) {
      throw wrongSetting(
        `cannot read ${flag}`,
        `write --set KEY.PATH=VALUE, names with dots in quotes: --set 'topics."orders.raw".partitions=6'`,
      );
    }
    parts.push(name);
    if (match[4] === "=") return { parts, text: word.slice(part.lastIndex) };
  }
}

/** Where a map holds plain values, the dots after it belong to the one key: `log.retention.ms`. */
function toPath(parts: readonly string[]): string[] {
  let schema: Alternatives = alternatives(overlaySchema);
  for (const [index, part] of parts.entries()) {
    const isNamed = takesKeys(schema) && keysOf(schema) === undefined;
    const inside = entriesOf(schema, part);
    if (isNamed && !takesKeys(inside)) {
      return [...parts.slice(0, index), parts.slice(index).join(".")];
    }
    schema = inside;
  }
  return [...parts];
}

/** The value as YAML has it; what is no list, map or quoted text is one plain word, whatever is in it. */
function readValue(text: string, flag: string): Node {
  const document = parseDocument(text, { prettyErrors: false });
  const { contents } = document;
  if (/^["'[{]/.test(text)) {
    const [error] = document.errors;
    if (!error && contents) return contents;
    throw wrongSetting(`${flag}: ${error?.message ?? "no value"}`, "check quotes and brackets");
  }
  const isPlain = isScalar(contents) && contents.type === "PLAIN" && contents.source === text;
  if (document.errors.length === 0 && isPlain) return contents;
  if (text !== "") return new Scalar(text);
  const nothing = new Scalar(null);
  nothing.type = "PLAIN";
  nothing.source = "";
  return nothing;
}

function nest(path: readonly string[], value: Node): Node {
  return path.toReversed().reduce<Node>((inner, key) => {
    const map = new YAMLMap();
    map.items.push(new Pair(new Scalar(key), inner));
    return map;
  }, value);
}

function hintFor(
  problem: { path: Path; hint: string | undefined },
  path: Path,
): string | undefined {
  const key = String(problem.path.at(-1));
  const list = /^(.+)\[\d+\]$/.exec(key);
  if (list) return `a list is set as a whole: ${list[1]}=[…]`;
  const isInTopic = path[0] === "topics" && problem.path.length === 3;
  if (isInTopic && path.length > 3) {
    return `a name with dots goes into quotes: topics."${path.slice(1, -1).join(".")}".${path.at(-1)}`;
  }
  return problem.hint;
}

function quotePath(path: Path): string {
  return path.map((part) => (/[.="']/.test(String(part)) ? `"${part}"` : part)).join(".");
}

function wrongSetting(message: string, next: string | undefined): DpError {
  return new DpError({ code: "usage", message, next });
}
