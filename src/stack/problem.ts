/** What is wrong with a pipeline.yaml. Types only: spec finds problems, report shows them. */

import type { Path } from "./path.ts";

/** Where in the text; line and column count from 1, length is in characters on that line. */
export interface ProblemPosition {
  readonly line: number;
  readonly column: number;
  readonly length: number;
}

export interface Problem {
  readonly severity: "error" | "warning";
  /** Keys and list indexes from the top of the file; empty for the file as a whole. */
  readonly path: Path;
  /** What is wrong and why, one line. */
  readonly message: string;
  /** What to write instead. */
  readonly hint?: string | undefined;
  readonly at?: ProblemPosition | undefined;
}
