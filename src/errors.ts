/** Every way in which dp can fail. Exit codes are derived from it in cli/exit-codes.ts. */
export type ErrorCode =
  | "usage"
  | "invalid-file"
  | "no-file"
  | "no-engine"
  | "engine-failed"
  | "locked"
  | "port-taken"
  | "name-taken"
  | "stack-elsewhere"
  | "refused"
  | "image-missing"
  | "build-failed"
  | "not-running"
  | "no-command"
  | "not-ready"
  | "exited"
  | "changed-meanwhile"
  | "unknown-topic"
  | "unknown-group"
  | "kafka-failed"
  | "zookeeper-failed"
  | "airflow-failed"
  | "store-failed"
  | "unknown-pipeline"
  | "unknown-run"
  | "pipeline-failed"
  | "io-failed"
  | "interrupted"
  | "internal";

/** A place in a file that the user wrote; line and column count from 1. */
export interface SourcePosition {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export interface DpErrorDetails {
  readonly code: ErrorCode;
  /** What failed, one line. */
  readonly message: string;
  /** The reason, in the daemon's or broker's own words where there are any. */
  readonly why?: string | undefined;
  /** Lines that prove it: exit code, log lines, addresses tried. */
  readonly evidence?: readonly string[] | undefined;
  /** What to do next: a command, or the line to edit. */
  readonly next?: string | undefined;
  /** The setting of pipeline.yaml that caused it, as a path. */
  readonly setting?: readonly (string | number)[] | undefined;
  readonly at?: SourcePosition | undefined;
  readonly cause?: unknown;
}

/** A failure that is told to the user: what failed, why, evidence, next. */
export class DpError extends Error {
  override readonly name = "DpError";
  readonly code: ErrorCode;
  readonly why: string | undefined;
  readonly evidence: readonly string[];
  readonly next: string | undefined;
  readonly setting: readonly (string | number)[] | undefined;
  readonly at: SourcePosition | undefined;

  constructor(details: DpErrorDetails) {
    super(details.message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = details.code;
    this.why = details.why;
    this.evidence = details.evidence ?? [];
    this.next = details.next;
    this.setting = details.setting;
    this.at = details.at;
  }
}

/** The text of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/**
 * Whether this is a bug in dp, not a failure of another program: no later attempt changes it. Node's errors with a
 * code, and those that report another error as their cause, come from input or from the network.
 */
export function isBug(thrown: unknown): boolean {
  const isProgramming =
    thrown instanceof TypeError || thrown instanceof ReferenceError || thrown instanceof RangeError;
  return isProgramming && !("code" in thrown) && thrown.cause === undefined;
}
