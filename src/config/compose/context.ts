import path from "node:path";
import { isOutside } from "../../files/real-path.ts";
import type { FileKind } from "../rules/rule.ts";
import type { Names } from "./names.ts";
import type { Notes } from "./notes.ts";
import type { Place } from "./tree.ts";
import type { Values, WrittenText } from "./values.ts";

/** What the files around a Compose file look like. */
export interface Surroundings {
  /** The folder of the pipeline.yaml to write, absolute. */
  readonly folder: string;
  readonly kindOf: (file: string) => FileKind;
  /** Undefined when the file can't be read. */
  readonly textOf: (file: string) => string | undefined;
  /** Names in a folder; empty when it can't be read. */
  readonly namesIn: (folder: string) => readonly string[];
}

/** What the conversion of a service uses. */
export interface Context {
  readonly around: Surroundings;
  readonly notes: Notes;
  readonly values: Values;
  readonly names: Names;
}

/** A text with the addresses of pipeline.yaml and without secrets. */
export function convertText({ values, names }: Context, written: WrittenText): string {
  return values.convert({ ...written, text: names.rewrite(written) });
}

export interface ConvertedPath {
  /** Relative to the folder of pipeline.yaml. */
  readonly path: string;
  readonly absolute: string;
  readonly kind: FileKind;
}

/** A path of a Compose file, which is relative to that file; undefined when it is outside the folder of pipeline.yaml. */
export function convertPath(
  { around, values }: Pick<Context, "around" | "values">,
  written: { readonly text: string; readonly at: Place },
): ConvertedPath | undefined {
  const base = path.dirname(written.at.file);
  const filled = values.evaluate(written.text);
  const absolute = path.resolve(base, filled);
  const relative = path.relative(around.folder, absolute);
  if (filled.startsWith("~") || path.isAbsolute(filled) || isOutside(relative)) return undefined;
  // The value of a variable is not copied.
  const isKept = filled !== written.text && base === around.folder;
  const { text, at } = written;
  const shown = isKept
    ? values.convert({ service: undefined, key: "path", text, at }).replace(/^\.\//, "")
    : relative || ".";
  return { path: shown, absolute, kind: around.kindOf(absolute) };
}
