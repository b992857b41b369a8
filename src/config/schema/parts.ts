import * as z from "zod";
import {
  describeDurations,
  describeSizes,
  durationPattern,
  heapLimits,
  memoryLimits,
  parseDuration,
  parseSize,
  pauseLimits,
  sizePattern,
  waitLimits,
  type Limits,
} from "../units.ts";

/**
 * What the sections of pipeline.yaml are made of. Error texts continue the name of the key:
 * `"brokers" must be …`. Scalars of text keys arrive as they stand in the file, so that 3.10 stays
 * 3.10.
 */

/** Numbers and truth values are text here, too: editors must accept them without quotes. */
const anyScalar = { type: ["string", "number", "boolean"] };
export const textOrNumber = { type: ["string", "number"] };

export function wholeNumber(range: { min: number; max: number; must?: string }) {
  const error = range.must ?? `must be a whole number from ${range.min} to ${range.max}`;
  return z.int({ error }).min(range.min, { error }).max(range.max, { error });
}

/**
 * `title` names the kind of text in the JSON Schema and on the reference page. `isValid` checks what a
 * pattern can't.
 */
export function text(form: {
  pattern?: RegExp;
  isValid?: (text: string) => boolean;
  must: string;
  title: string;
}) {
  const { pattern = /\S/, isValid = () => true, must: error, title } = form;
  return z
    .string({ error })
    .regex(pattern, { error, abort: true })
    .refine(isValid, { error })
    .meta({ title });
}

/** A part of the stack: nothing after the colon means "with defaults", `false` means absent. */
export function section<T extends z.ZodType>(schema: T) {
  const error = "must be a map of settings, nothing (defaults) or false (absent)";
  return z.union([schema, z.literal(false), z.null()], { error });
}

/** Parts with names of their own. */
export function sections<T extends z.ZodType>(schema: T, what: string) {
  const error = `must be a map of ${what}`;
  const entries = z.record(z.string(), section(schema), { error });
  return z.union([entries, z.literal(false), z.null()], { error });
}

export const mustBePort = "must be a port from 1 to 65535, or auto";
export const portNumber = wholeNumber({ min: 1, max: 65_535, must: mustBePort }).meta({
  title: "port",
});
export const port = z.union([portNumber, z.literal("auto")], { error: mustBePort });

export const containerPort = wholeNumber({
  min: 1,
  max: 65_535,
  must: "must be a port of the container, from 1 to 65535",
}).meta({ title: "port" });

function size(limits: Limits) {
  return text({
    pattern: sizePattern,
    isValid: (written) => parseSize(written, limits) !== undefined,
    must: `must be ${describeSizes(limits)}`,
    title: "size",
  }).meta(textOrNumber);
}

export const heap = size(heapLimits);
export const memory = size(memoryLimits);

function duration(limits: Limits) {
  return text({
    pattern: durationPattern,
    isValid: (written) => parseDuration(written, limits) !== undefined,
    must: `must be ${describeDurations(limits)}`,
    title: "duration",
  }).meta(textOrNumber);
}

/** A time limit or an interval. */
export const wait = duration(waitLimits);
/** A pause that may be left out. */
export const pause = duration(pauseLimits);

export const image = text({
  pattern: /^\S+$/,
  must: "must be the name of an image",
  title: "image",
});

export const version = (must: string, pattern: RegExp) =>
  text({ pattern, must, title: "version" }).meta(textOrNumber);

export function pathOf(what: string) {
  return text({ must: `must be the path of ${what}`, title: "path" });
}

/** Values are taken as they are written. */
const value = z
  .string({ error: "must be text, a number, true or false" })
  .meta({ ...anyScalar, title: "value" });

export function textMap(must: string) {
  return z.record(z.string(), value, { error: must });
}

export const properties = textMap("must be a map of properties");
export const environment = textMap("must be a map of environment variables");

/** One text, or a list of them. */
export function oneOrMore<T extends z.ZodType>(item: T, error: string) {
  return z.union([item, z.array(item, { error })], { error });
}

const mustBeCommand = "must be a command: text, or a list of words";
const word = z.string({ error: "must be text" }).meta({ ...anyScalar, title: "string" });

export const command = z.union(
  [
    z.string({ error: mustBeCommand }).meta({ title: "string" }),
    z.array(word, { error: mustBeCommand }),
  ],
  { error: mustBeCommand },
);

const mustBeRequirements = "must be a requirements file, or a list of packages";

/** Packages from PyPI: the path of a file, or a list. */
export const requirements = z.union(
  [
    pathOf("a requirements file"),
    z.array(text({ must: "must be a package such as pandas>=2", title: "package" }), {
      error: mustBeRequirements,
    }),
  ],
  { error: mustBeRequirements },
);

const mustBeVolumes =
  'must be a list of volumes such as "data:/var/lib/app" or "./conf:/etc/app:ro"';

/** In the short form of Compose. */
export const volumes = z.array(
  z.string({ error: "must be a volume such as data:/var/lib/app" }).meta({ title: "volume" }),
  { error: mustBeVolumes },
);
