import { isDeepStrictEqual } from "node:util";
import { ExactNumber } from "../model/exact-number.ts";
import { formatPath, type Path } from "../stack/path.ts";
import { markKey } from "./locate.ts";
import { without } from "./schema-issues.ts";
import { ownValue } from "../stack/own-value.ts";

/** Where a value was written: in the file, or by a flag of the command line. */
export type Origin =
  | { readonly kind: "file"; readonly path: Path }
  | { readonly kind: "flag"; readonly flag: string };

/** Sections of the file, or what is laid over them; paths are from the top of the sections. */
export interface Layer {
  readonly value: unknown;
  /** What it takes away from the layers below. */
  readonly removed: readonly Path[];
  /** Values that came from variables: path → the text with `${…}` in it. */
  readonly variables: readonly (readonly [Path, string])[];
  readonly originOf: (path: Path) => Origin;
}

export interface Merged {
  readonly value: unknown;
  readonly originOf: (path: Path) => Origin;
  /** Values that came from variables: dotted path → as written. */
  readonly fromVariables: ReadonlyMap<string, string>;
}

type ValueMap = Readonly<Record<string, unknown>>;

/**
 * The layers laid one over the other, the lowest first: maps are merged key by key, anything else
 * replaces what is below. Nothing (null) switches a section on and leaves its settings alone.
 */
export function mergeLayers(base: Layer, upper: readonly Layer[]): Merged {
  /** Of each value that a layer put in as a whole; what stands below it came along. */
  const origins = new Map<string, Origin>();
  const originOf = (path: Path): Origin => {
    for (let length = path.length; length > 0; length--) {
      const origin = origins.get(markKey(path.slice(0, length)));
      if (origin?.kind === "flag") return origin;
      if (origin) return { kind: "file", path: [...origin.path, ...path.slice(length)] };
    }
    return base.originOf(path);
  };
  const take = (path: Path, layer: Layer): void => {
    const inside = `${markKey(path).slice(0, -1)},`;
    for (const key of origins.keys()) if (key.startsWith(inside)) origins.delete(key);
    origins.set(markKey(path), layer.originOf(path));
  };
  let value = base.value;
  for (const layer of upper) {
    value = overlay({ lower: value, upper: layer.value, path: [] }, (path) => take(path, layer));
    for (const path of layer.removed) {
      // A key of the map itself wins over one that it merges in with `<<`.
      if (valueAt(layer.value, path) !== undefined) continue;
      value = without(value, [path]);
      take(path, layer);
    }
  }
  const variables = [base, ...upper].flatMap((layer) =>
    layer.variables.filter(([path]) => isDeepStrictEqual(layer.originOf(path), originOf(path))),
  );
  return {
    value,
    originOf,
    fromVariables: new Map(variables.map(([path, written]) => [formatPath(path), written])),
  };
}

function overlay(
  values: { readonly lower: unknown; readonly upper: unknown; readonly path: Path },
  take: (path: Path) => void,
): unknown {
  const { upper, path } = values;
  const lower = isTopicList(values) ? namesAsKeys(values.lower as readonly string[]) : values.lower;
  if (isMap(upper) && isMap(lower)) {
    const merged = Object.entries(upper).map(([key, value]) => [
      key,
      overlay({ lower: ownValue(lower, key), upper: value, path: [...path, key] }, take),
    ]);
    return { ...lower, ...(Object.fromEntries(merged) as ValueMap) };
  }
  const isOn = typeof lower === "object";
  if (upper === null && isOn) return lower;
  take(path);
  return upper;
}

/** Settings for topics of which the file has but the names. */
function isTopicList(values: { lower: unknown; upper: unknown; path: Path }): boolean {
  const isTopics = values.path.length === 1 && values.path[0] === "topics";
  return isTopics && Array.isArray(values.lower) && isMap(values.upper);
}

function namesAsKeys(names: readonly string[]): ValueMap {
  return Object.fromEntries(names.map((name) => [name, null]));
}

/** Whether a value of the file is a map, and not a list or an exact number. */
export function isMap(value: unknown): value is ValueMap {
  const isObject = typeof value === "object" && value !== null;
  return isObject && !Array.isArray(value) && !(value instanceof ExactNumber);
}

/** What stands at a path; undefined when nothing does. */
export function valueAt(values: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, part) =>
      typeof value === "object" && value !== null
        ? ownValue(value as Record<string, unknown>, String(part))
        : undefined,
    values,
  );
}
