import type * as z from "zod";
import { isAlias, isMap, isScalar, isSeq, type Document, type Node, type Pair } from "yaml";
import { nearest } from "../stack/nearest.ts";
import { composeKeyHint } from "./compose-keys.ts";
import { interpolate } from "./interpolate.ts";
import type { Path } from "../stack/path.ts";
import { markKey, type Mark, type Span } from "./locate.ts";
import {
  alternatives,
  entriesOf,
  itemsOf,
  keysOf,
  takesFalse,
  takesKeys,
  typeScalar,
  type Alternatives,
} from "./schema-walk.ts";

/** Something wrong, with the span of it when that is not the span of the path. */
export interface ValueProblem {
  readonly path: Path;
  readonly on: "key" | "value";
  readonly span?: Span;
  readonly message: string;
  readonly hint: string | undefined;
  /** A variable that is not set: no mistake where another layer replaces the value. */
  readonly unset?: true;
}

export interface Values {
  readonly value: unknown;
  readonly marks: ReadonlyMap<string, Mark>;
  readonly problems: readonly ValueProblem[];
  /** Values that came from variables: path → the text with `${…}` in it. */
  readonly variables: readonly (readonly [Path, string])[];
  /** Settings that an overlay takes away by `false`. */
  readonly removed: readonly Path[];
}

/**
 * What is read at a path: the file's own sections, an overlay over them, or an overlay that is not
 * in use, whose variables need not be set.
 */
export type Reading = "file" | "overlay" | "unused";

interface Place {
  readonly path: Path;
  readonly schema: Alternatives;
}

/**
 * The values of a YAML document, each typed by the schema at its place: variables are filled in,
 * text keys get their scalars as written, empty settings are left out. A misspelled key is reported
 * and read as the one that was meant, so that mistakes below it are found in the same run.
 */
export function readValues(input: {
  document: Document;
  text: string;
  schema: z.ZodType;
  lookup: (name: string) => string | undefined;
  readingOf: (path: Path) => Reading;
}): Values {
  const { document, text, lookup, readingOf } = input;
  const marks = new Map<string, Mark>();
  const problems: ValueProblem[] = [];
  const variables: (readonly [Path, string])[] = [];
  const removed: Path[] = [];

  function readNode(node: Node | null, place: Place): unknown {
    if (isAlias(node)) {
      const target = node.resolve(document);
      if (target) return readNode(target, place);
      problems.push({
        path: place.path,
        on: "value",
        message: `there is no anchor &${node.source}`,
        hint: `a value that begins with * goes into quotes: "*${node.source}"`,
      });
      return undefined;
    }
    if (isMap(node) && isTemplate(node, text)) {
      problems.push({
        path: place.path,
        on: "value",
        message: "{{ }} without quotes is a map in YAML",
        hint: 'put the whole value in quotes: "{{ … }}"',
      });
      return undefined;
    }
    // What no schema waits for is not read: its kind alone is wrong, and anchors may contain themselves.
    if (isMap(node)) return takesKeys(place.schema) ? readMap(node.items, place) : {};
    if (isSeq(node)) {
      if (itemsOf(place.schema).length === 0) return [];
      return node.items.map((item, index) =>
        readMarked({
          key: undefined,
          value: item as Node | null,
          place: { path: [...place.path, index], schema: itemsOf(place.schema) },
        }),
      );
    }
    return readScalar(node, place);
  }

  function readMarked(input: { key: Node | undefined; value: Node | null; place: Place }): unknown {
    const span = spanOf(input.value);
    const mark = { key: spanOf(input.key), value: span && span[1] > span[0] ? span : undefined };
    marks.set(markKey(input.place.path), mark);
    return readNode(input.value, input.place);
  }

  function readMap(pairs: readonly Pair[], place: Place): Record<string, unknown> {
    const result: Record<string, unknown> = {};
    const written = new Set(pairs.map((pair) => textOf(pair.key)));
    const seen = new Set<string>();
    for (const pair of pairs) {
      const key = pair.key as Node;
      const value = pair.value as Node | null;
      if (isMergeKey(key)) {
        for (const part of mergedMaps({ node: value, document, outer: [pairs] })) {
          Object.assign(result, { ...readMap(part, place), ...result });
        }
        continue;
      }
      const name = textOf(key);
      if (seen.has(name)) {
        const span = spanOf(key);
        problems.push({
          path: [...place.path, name],
          on: "key",
          ...(span ? { span } : {}),
          message: `"${name}" stands twice in this section`,
          hint: "keep one of the two",
        });
        continue;
      }
      seen.add(name);
      if (place.path.length === 0 && name.startsWith("x-")) continue;
      const meant = knownKey({ name, key, place, written });
      if (meant === undefined) continue;
      const path = [...place.path, meant];
      if (meant === "__proto__") {
        problems.push({
          path,
          on: "key",
          message: `invalid name "${meant}"`,
          hint: "choose another name",
        });
        continue;
      }
      const schema = entriesOf(place.schema, meant);
      const isSetting = keysOf(place.schema) !== undefined && !takesFalse(schema);
      if (isSetting && isFalse(value) && readingOf(path) !== "file") {
        marks.set(markKey(path), { key: spanOf(key), value: spanOf(value) });
        removed.push(path);
        continue;
      }
      const read = readMarked({ key, value, place: { path, schema } });
      if (read !== undefined) result[meant] = read;
      else if (isEmpty(value) && keysOf(place.schema) === undefined) {
        problems.push({
          path,
          on: "key",
          message: `"${meant}" has no value`,
          hint: 'write "" for an empty text, or remove the line',
        });
      }
    }
    return result;
  }

  function knownKey(input: {
    name: string;
    key: Node;
    place: Place;
    written: ReadonlySet<string>;
  }): string | undefined {
    const { name, key, place, written } = input;
    const known = keysOf(place.schema);
    if (known === undefined || known.includes(name)) return name;
    const path = [...place.path, name];
    marks.set(markKey(path), { key: spanOf(key), value: undefined });
    const otherwise = composeKeyHint(path);
    const guess = otherwise === undefined ? nearest(name, known) : undefined;
    problems.push({
      path,
      on: "key",
      message: `unknown key "${name}"`,
      hint: otherwise ?? unknownKeyHint({ name, known, guess }),
    });
    return guess !== undefined && !written.has(guess) ? guess : undefined;
  }

  function readScalar(node: Node | null, place: Place): unknown {
    const scalar = isScalar(node) ? node : undefined;
    const isPlain = scalar?.type === "PLAIN";
    const written = isPlain ? (scalar?.source ?? "") : textOf(scalar);
    const filled = interpolate(written, lookup);
    const isUnused = readingOf(place.path) === "unused";
    for (const failure of filled.failures) {
      if (isUnused && failure.kind === "unset") continue;
      const span = spanOf(scalar);
      const start = span ? text.indexOf(failure.reference, span[0]) : -1;
      const end = start + failure.reference.length;
      const inside = span && start >= 0 && end <= span[1];
      problems.push({
        path: place.path,
        on: "value",
        ...(inside ? { span: [start, end] as const } : {}),
        message: failure.message,
        hint: failure.hint,
        ...(failure.kind === "unset" ? { unset: true } : {}),
      });
    }
    if (filled.usesVariables) variables.push([place.path, written]);
    if (filled.failures.length > 0) return undefined;
    return typeScalar({
      text: filled.text,
      plainValue: filled.usesVariables ? undefined : scalar?.value,
      origin: filled.usesVariables ? "variable" : isPlain || !scalar ? "plain" : "quoted",
      schema: place.schema,
    });
  }

  const value = readMarked({
    key: undefined,
    value: document.contents,
    place: { path: [], schema: alternatives(input.schema) },
  });
  return { value, marks, problems, variables, removed };
}

function unknownKeyHint(input: {
  name: string;
  known: readonly string[];
  guess: string | undefined;
}): string {
  const { name, known, guess } = input;
  if (guess !== undefined) return `did you mean "${guess}"?`;
  if (/^[\d-]+$/.test(name)) return "inside { } a value with a comma goes into quotes";
  if (name.includes(".") && known.includes("config")) return "properties of Kafka go under config";
  return `known keys here: ${known.join(", ")}`;
}

function isFalse(node: Node | null): boolean {
  return isScalar(node) && node.type === "PLAIN" && node.value === false;
}

function isEmpty(node: Node | null): boolean {
  return node === null || (isScalar(node) && node.value === null);
}

function spanOf(node: Node | null | undefined): Span | undefined {
  const range = node?.range;
  return range ? [range[0], range[1]] : undefined;
}

/** A key or quoted scalar as text; numbers as they are written. */
function textOf(node: unknown): string {
  if (!isScalar(node)) return node === null || node === undefined ? "" : String(node);
  if (typeof node.value === "string") return node.value;
  return node.source ?? String(node.value ?? "");
}

/** `{{ name }}`, which YAML reads as a map whose key is a map. */
function isTemplate(node: Node, text: string): boolean {
  const start = node.range?.[0];
  return start !== undefined && text.startsWith("{{", start);
}

function isMergeKey(key: Node): boolean {
  return isScalar(key) && key.type === "PLAIN" && key.source === "<<";
}

/** The maps that `<<` names, and those that these name in turn: their own keys, the nearest first. */
function mergedMaps(input: {
  node: Node | null;
  document: Document;
  /** The maps on the way here, which must not be entered again. */
  outer: readonly (readonly Pair[])[];
}): (readonly Pair[])[] {
  const { node, document, outer } = input;
  if (isAlias(node)) return mergedMaps({ ...input, node: node.resolve(document) ?? null });
  if (isSeq(node)) {
    return node.items.flatMap((item) => mergedMaps({ ...input, node: item as Node | null }));
  }
  if (!isMap(node) || outer.includes(node.items)) return [];
  const isMerge = (pair: Pair) => isMergeKey(pair.key as Node);
  return [
    node.items.filter((pair) => !isMerge(pair)),
    ...node.items
      .filter(isMerge)
      .flatMap(({ value }) =>
        mergedMaps({ node: value as Node | null, document, outer: [...outer, node.items] }),
      ),
  ];
}
