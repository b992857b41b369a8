import type { Spec } from "../schema.ts";

export interface ResolveInput {
  readonly spec: Spec;
  /** Absolute path of the pipeline.yaml. */
  readonly file: string;
  /** An absolute path without symbolic links. */
  readonly realPathOf: (file: string) => string;
  /** The text of the file at an absolute path; undefined when it can't be read. */
  readonly textOf: (file: string) => string | undefined;
  /** The value of a variable, undefined when it is not set. */
  readonly lookup: (name: string) => string | undefined;
  /** The stack's name. */
  readonly name: string;
  readonly profile: string | undefined;
  /** "auto" makes every host port a free one, whatever the file says. */
  readonly ports: "written" | "auto";
}
