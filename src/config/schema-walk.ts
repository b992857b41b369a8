import type * as z from "zod";
import { parseNumber } from "../model/exact-number.ts";
import { ownValue } from "../stack/own-value.ts";

/** The schemas that a value at one place may match; empty where nothing is known of it. */
export type Alternatives = readonly z.core.$ZodTypes[];

/** A schema with `optional` taken off and unions spread out. */
export function alternatives(schema: z.core.$ZodType): Alternatives {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case "optional":
    case "nullable":
      return alternatives(def.innerType);
    case "union":
      return def.options.flatMap(alternatives);
    default:
      return [schema as z.core.$ZodTypes];
  }
}

/** Whether a map may stand here. */
export function takesKeys(schemas: Alternatives): boolean {
  return schemas.some(({ _zod: { def } }) => def.type === "object" || def.type === "record");
}

/** Whether `false` is a value here: a part that is absent, or a setting that is off. */
export function takesFalse(schemas: Alternatives): boolean {
  return schemas.some(
    ({ _zod: { def } }) =>
      def.type === "boolean" || (def.type === "literal" && def.values.includes(false)),
  );
}

/** The keys of a section; undefined where names are free. */
export function keysOf(schemas: Alternatives): string[] | undefined {
  const keys = schemas.flatMap(({ _zod: { def } }) =>
    def.type === "object" ? Object.keys(def.shape) : [],
  );
  return keys.length > 0 ? keys : undefined;
}

export function entriesOf(schemas: Alternatives, key: string): Alternatives {
  return schemas.flatMap(({ _zod: { def } }) => {
    if (def.type === "record") return alternatives(def.valueType);
    const entry = def.type === "object" ? ownValue(def.shape, key) : undefined;
    return entry ? alternatives(entry) : [];
  });
}

export function itemsOf(schemas: Alternatives): Alternatives {
  return schemas.flatMap(({ _zod: { def } }) =>
    def.type === "array" ? alternatives(def.element) : [],
  );
}

/**
 * The value of a scalar for its place. Where text is wanted and neither a number nor false, the
 * text stays as written; what came from a variable becomes a number or a truth value where the
 * schema has one; a number of which all digits count is exact; nothing at all stays null in a section and means "left out" elsewhere.
 */
export function typeScalar(input: {
  text: string;
  /** What YAML makes of it. */
  plainValue: unknown;
  origin: "plain" | "quoted" | "variable";
  schema: Alternatives;
}): unknown {
  const { text, plainValue, origin, schema } = input;
  const kinds = new Set(schema.map(({ _zod: { def } }) => def.type));
  const isExact = kinds.has("custom");
  if (origin === "plain" && plainValue === null) return kinds.has("null") ? null : undefined;
  if (origin !== "quoted" && kinds.has("number") && !kinds.has("string") && isRounded(text)) {
    return text;
  }
  if (origin === "variable") {
    if (/^-?\d+$/.test(text)) {
      if (isExact) return parseNumber(text) ?? text;
      if (kinds.has("number")) return Number(text);
    }
    if (takesFalse(schema) && text === "false") return false;
    if (kinds.has("boolean") && text === "true") return true;
    if (kinds.has("null") && text === "") return null;
    return text;
  }
  if (origin === "quoted") return text;
  if (isExact && typeof plainValue === "number") return parseNumber(text) ?? plainValue;
  const isText = (kinds.has("string") || kinds.has("enum")) && !kinds.has("number") && !isExact;
  return isText ? text : plainValue;
}

/** A number would have other digits than the text, in the message that refuses it as well. */
function isRounded(text: string): boolean {
  return /^-?\d+$/.test(text) && !Number.isSafeInteger(Number(text));
}
