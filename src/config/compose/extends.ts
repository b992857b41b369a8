import path from "node:path";
import {
  childOf,
  entriesOf,
  pairsOf,
  textOf,
  type ListTree,
  type MapTree,
  type Place,
  type Tree,
} from "./tree.ts";

/** Reads another Compose file; undefined when it can't be read. */
export type ReadOther = (file: string) => MapTree | undefined;

type Resolved =
  | { readonly ok: true; readonly service: MapTree }
  | {
      readonly ok: false;
      readonly at: Place;
      readonly message: string;
      readonly hint: string;
    };

/**
 * A service together with what it extends: https://docs.docker.com/reference/compose-file/services/#extends
 * Maps are merged, lists are joined, everything else replaces what the extended service has.
 */
export function resolveExtends(input: {
  readonly name: string;
  readonly services: Tree | undefined;
  readonly readOther: ReadOther;
  /** `file name` of the services that led here. */
  readonly way?: readonly string[];
}): Resolved {
  const { name, services, readOther, way = [] } = input;
  const own = childOf(services, name);
  if (own?.kind !== "map") return { ok: true, service: asMap(own) };
  const extended = own.entries.get("extends");
  if (!extended) return { ok: true, service: own };
  const base = textOf(extended) ?? textOf(childOf(extended, "service"));
  const file = textOf(childOf(extended, "file"));
  if (base === undefined) {
    return failure(extended.at, "extends names no service", "write extends: { service: NAME }");
  }
  const here = [...way, `${own.at.file} ${name}`];
  const from = file === undefined ? own.at.file : path.resolve(path.dirname(own.at.file), file);
  if (here.includes(`${from} ${base}`)) {
    const cycle = [...here.map((each) => each.slice(each.lastIndexOf(" ") + 1)), base];
    return failure(
      extended.at,
      `services extend each other in a cycle: ${cycle.join(" extends ")}`,
      "remove one extends",
    );
  }
  const others = file === undefined ? services : childOf(readOther(from), "services");
  if (others === undefined) {
    return failure(extended.at, `can't read services from ${file}`, "check the path of extends");
  }
  if (childOf(others, base)?.kind !== "map") {
    const place = file === undefined ? "" : ` in ${file}`;
    return failure(extended.at, `service "${base}" not found${place}`, "check the name in extends");
  }
  const resolved = resolveExtends({ name: base, services: others, readOther, way: here });
  if (!resolved.ok) return resolved;
  const merged = new Map(mergeMaps(resolved.service, own).entries);
  merged.delete("extends");
  return { ok: true, service: { ...own, entries: merged } };
}

function asMap(tree: Tree | undefined): MapTree {
  if (tree?.kind === "map") return tree;
  return { kind: "map", entries: new Map(), at: tree?.at ?? { line: 1, column: 1, file: "" } };
}

function failure(at: Place, message: string, hint: string): Resolved {
  return { ok: false, at, message, hint };
}

/** Lists that replace the extended one, since they are one value. */
const wholeLists = ["command", "entrypoint", "test"];

function mergeMaps(base: MapTree, own: MapTree): MapTree {
  const entries = new Map(base.entries);
  for (const [key, tree] of own.entries) {
    const below = entries.get(key);
    entries.set(key, below === undefined ? tree : mergeTrees({ key, below, above: tree }));
  }
  return { ...own, entries };
}

function mergeTrees({ key, below, above }: { key: string; below: Tree; above: Tree }): Tree {
  if (["environment", "args"].includes(key)) return mergeMaps(pairsAsMap(below), pairsAsMap(above));
  if (key === "depends_on") return mergeMaps(namesAsMap(below), namesAsMap(above));
  if (below.kind === "map" && above.kind === "map") return mergeMaps(below, above);
  if (below.kind === "list" && above.kind === "list" && !wholeLists.includes(key)) {
    return joinLists(below, above);
  }
  return above;
}

function joinLists(below: ListTree, above: ListTree): ListTree {
  const written = new Set(above.items.flatMap((item) => textOf(item) ?? []));
  const kept = below.items.filter((item) => !written.has(textOf(item) ?? ""));
  return { ...above, items: [...kept, ...above.items] };
}

function pairsAsMap(tree: Tree): MapTree {
  if (tree.kind === "map") return tree;
  const entries = pairsOf(tree).map(({ name, value, at }): [string, Tree] => [
    name,
    { kind: "scalar", text: value ?? "", isNull: value === undefined, at },
  ]);
  return { kind: "map", entries: new Map(entries), at: tree.at };
}

function namesAsMap(tree: Tree): MapTree {
  if (tree.kind === "map") return tree;
  const items = tree.kind === "list" ? tree.items : [];
  const entries = items.map((item): [string, Tree] => [
    textOf(item) ?? "",
    { kind: "map", entries: new Map(), at: item.at },
  ]);
  return { kind: "map", entries: new Map(entries), at: tree.at };
}

/** The services of a file by name, each as it is written. */
export function serviceNames(services: Tree | undefined): string[] {
  return entriesOf(services).map(([name]) => name);
}
