/** A line of a Compose file; `file` is set for a file that another one names with `extends`. */
export interface Place {
  readonly line: number;
  readonly column: number;
  /** Absolute path. */
  readonly file: string;
}

/** The content of a Compose file, each part with its line: a map's entry is at the line of its key. */
export type Tree = ScalarTree | ListTree | MapTree;

export interface ScalarTree {
  readonly kind: "scalar";
  /** As written: 3.10 is not the number 3.1. */
  readonly text: string;
  readonly isNull: boolean;
  readonly at: Place;
}

export interface ListTree {
  readonly kind: "list";
  readonly items: readonly Tree[];
  readonly at: Place;
}

export interface MapTree {
  readonly kind: "map";
  readonly entries: ReadonlyMap<string, Tree>;
  readonly at: Place;
}

export function childOf(tree: Tree | undefined, ...keys: readonly string[]): Tree | undefined {
  let found = tree;
  for (const key of keys) found = found?.kind === "map" ? found.entries.get(key) : undefined;
  return found;
}

/** The text of a scalar; undefined for anything else, and for a key without a value. */
export function textOf(tree: Tree | undefined): string | undefined {
  return tree?.kind === "scalar" && !tree.isNull ? tree.text : undefined;
}

export function itemsOf(tree: Tree | undefined): readonly Tree[] {
  return tree?.kind === "list" ? tree.items : [];
}

export function entriesOf(tree: Tree | undefined): (readonly [string, Tree])[] {
  return tree?.kind === "map" ? [...tree.entries] : [];
}

/** The texts of one scalar, or of a list of them. */
export function textsOf(tree: Tree | undefined): string[] {
  const all = tree?.kind === "list" ? tree.items : [tree];
  return all.flatMap((each) => textOf(each) ?? []);
}

export interface Pair {
  readonly name: string;
  /** Undefined where only a name is written: the value comes from the environment. */
  readonly value: string | undefined;
  readonly at: Place;
}

/** The variables of `environment` or `args`, which are a map, or a list of `NAME=value`. */
export function pairsOf(tree: Tree | undefined): Pair[] {
  if (tree?.kind === "map") {
    return entriesOf(tree).map(([name, value]) => ({ name, value: textOf(value), at: value.at }));
  }
  return itemsOf(tree).flatMap((item) => {
    const [, name, value] = /^([^=]+)(?:=([^]*))?$/.exec(textOf(item) ?? "") ?? [];
    return name === undefined ? [] : [{ name: name.trim(), value, at: item.at }];
  });
}

/**
 * The parts of a short form such as `${PORT:-8080}:8080` or `./data:/data:ro`: a colon inside `${…}` does not
 * separate.
 */
export function splitAtColons(text: string): string[] {
  const parts = [""];
  let depth = 0;
  for (let index = 0; index < text.length; index += 1) {
    const letter = text.charAt(index);
    if (letter === "{" && text[index - 1] === "$") depth += 1;
    if (letter === "}" && depth > 0) depth -= 1;
    if (letter === ":" && depth === 0) parts.push("");
    else parts[parts.length - 1] += letter;
  }
  return parts;
}
