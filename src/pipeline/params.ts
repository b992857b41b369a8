import { DpError } from "../errors.ts";
import { nearest } from "../stack/nearest.ts";
import type { ParamValue, Pipeline } from "../model/pipelines.ts";
import { ExactNumber, parseNumber } from "../model/exact-number.ts";
import { ownValue } from "../stack/own-value.ts";

export type Params = Readonly<Record<string, ParamValue>>;

/**
 * Words of the command line, `name=value`, as parameters of a pipeline, of the type that each one's
 * default has. Throws DpError `usage` for a word without `=`, an unknown name or an unfit value.
 */
export function parseParams(words: readonly string[], pipeline: Pipeline): Params {
  const names = Object.keys(pipeline.params);
  return Object.fromEntries(
    words.map((word) => {
      const { name, value } = splitParam(word);
      const standard = ownValue(pipeline.params, name);
      if (standard === undefined) throw unknownParam(name, { pipeline: pipeline.name, names });
      return [name, convert(value, { name, standard })];
    }),
  );
}

/** As parseParams, for a DAG whose parameters dp does not know: what reads as a number or boolean is one. */
export function parseFreeParams(words: readonly string[]): Params {
  return Object.fromEntries(
    words.map((word): [string, ParamValue] => {
      const { name, value } = splitParam(word);
      if (value === "true" || value === "false") return [name, value === "true"];
      const isNumber = /^-?(0|[1-9]\d*)(\.\d+)?$/.test(value);
      return [name, (isNumber ? parseNumber(value) : undefined) ?? value];
    }),
  );
}

/**
 * Parameters as the `conf` of a pipeline's run. Airflow makes a double of a number that is not an
 * integer: one whose digits that would change goes as text, which the runtime reads as the number.
 */
export function confOf(params: Params): Params {
  return Object.fromEntries(
    Object.entries(params).map(([name, value]) => {
      const isRounded = value instanceof ExactNumber && !/^-?\d+$/.test(value.text);
      return [name, isRounded ? value.text : value];
    }),
  );
}

function splitParam(word: string): { name: string; value: string } {
  const at = word.indexOf("=");
  if (at > 0) return { name: word.slice(0, at), value: word.slice(at + 1) };
  throw new DpError({
    code: "usage",
    message: `--param ${word}: write it as name=value`,
    next: "dp pipeline run NAME --param since=2026-11-01",
  });
}

function unknownParam(
  name: string,
  { pipeline, names }: { readonly pipeline: string; readonly names: readonly string[] },
): DpError {
  const near = nearest(name, names);
  return new DpError({
    code: "usage",
    message: `${pipeline} has no parameter ${name}`,
    why: names.length === 0 ? "it declares none" : `it declares ${names.join(", ")}`,
    next:
      near === undefined
        ? `declare it under pipelines.${pipeline}.params, with its default`
        : `did you mean ${near}?`,
  });
}

function convert(
  value: string,
  { name, standard }: { readonly name: string; readonly standard: ParamValue },
): ParamValue {
  const unfit = (kind: string): DpError =>
    new DpError({
      code: "usage",
      message: `--param ${name}=${value}: not a ${kind}`,
      why: `its default, ${String(standard)}, is one`,
    });
  switch (typeof standard) {
    case "number":
    case "object": {
      const number = parseNumber(value);
      if (number === undefined) throw unfit("number");
      return number;
    }
    case "boolean":
      if (value !== "true" && value !== "false") throw unfit("boolean: true or false");
      return value === "true";
    default:
      return value;
  }
}
