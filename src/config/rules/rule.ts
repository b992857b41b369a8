import type { Stack } from "../../model/settings.ts";
import type { Path } from "../../stack/path.ts";
import type { Spec } from "../schema.ts";

export interface RuleInput {
  /** As written, each value valid by itself. */
  readonly spec: Spec;
  /** What it means. */
  readonly stack: Stack;
  /** An absolute path without symbolic links. */
  readonly realPathOf: (file: string) => string;
  /** What lies at an absolute path. */
  readonly kindOf: (file: string) => FileKind;
  /** The text of the file at an absolute path; undefined when it can't be read. */
  readonly textOf: (file: string) => string | undefined;
  /** The value of a variable, undefined when it is not set. */
  readonly lookup: (name: string) => string | undefined;
  /** Values that came from variables, by dotted path. */
  readonly fromVariables: ReadonlyMap<string, string>;
}

/** FIFOs, sockets and devices are special files. */
export type FileKind = "file" | "folder" | "special file" | "missing";

export interface Found {
  readonly severity?: "warning";
  readonly path: Path;
  /** Whether the mistake is in the key itself; the value when left out. */
  readonly on?: "key";
  readonly message: string;
  readonly hint: string;
  /** Other values that it rests on: when one of them is wrong itself, this is not told. */
  readonly given?: readonly Path[];
}

/** One check across keys; pure apart from asking what lies at a path. */
export type Rule = (input: RuleInput) => Found[];
