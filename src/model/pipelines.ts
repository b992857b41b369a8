import type { ExactNumber } from "./exact-number.ts";

/** What pipeline.yaml says of pipelines once every default is filled in. No code: a leaf. */

export interface Pipeline {
  readonly name: string;
  readonly description: string | undefined;
  readonly tags: readonly string[];
  /** Five cron fields; undefined for a pipeline that is run by hand only. */
  readonly schedule: string | undefined;
  /** IANA name of the time zone of the schedule. */
  readonly timezone: string;
  readonly timeoutMs: number | undefined;
  readonly maxActiveRuns: number;
  /** Names and defaults. */
  readonly params: Readonly<Record<string, ParamValue>>;
  /** In the order of the file; a step stands after all that it needs or the file is refused. */
  readonly steps: readonly Step[];
}

export type ParamValue = string | number | boolean | ExactNumber;

export interface Step {
  readonly id: string;
  /** Ids of the steps that must have succeeded before. */
  readonly needs: readonly string[];
  /** Further tries after the first one failed. */
  readonly retries: number;
  readonly retryDelayMs: number;
  readonly timeoutMs: number | undefined;
  readonly environment: Readonly<Record<string, string>>;
  readonly work: MoveWork | RunWork;
}

/** Moves records from a source to a sink. */
export interface MoveWork {
  readonly kind: "move";
  readonly from: Source;
  readonly transform: PythonFunction | undefined;
  readonly to: Sink;
  readonly onBadRecord: OnBadRecord;
  /** Records that are read, transformed and written at once. */
  readonly batch: number;
}

export interface RunWork {
  readonly kind: "run";
  readonly run:
    | { readonly type: "command"; readonly command: string }
    | ({ readonly type: "python" } & PythonFunction)
    | { readonly type: "sql"; readonly store: string; readonly file: string }
    | ContainerRun;
}

/** A temporary container in the stack's network. */
export interface ContainerRun {
  readonly type: "container";
  /** What it is made of: an image, or all that a service has. */
  readonly from:
    | { readonly kind: "image"; readonly ref: string; readonly binds: readonly StepBind[] }
    | { readonly kind: "service"; readonly service: string };
  /** Arguments with their `{{ }}`; empty for the default of the image or service. */
  readonly command: readonly string[];
}

/** A folder or file beside pipeline.yaml, in a step's container. */
export interface StepBind {
  /** Absolute path on this machine. */
  readonly source: string;
  readonly target: string;
  readonly readOnly: boolean;
}

export interface PythonFunction {
  /** Relative to the folder of pipeline.yaml, with `/`. */
  readonly file: string;
  readonly function: string;
}

export type Source =
  | {
      readonly type: "http";
      readonly url: string;
      readonly params: Readonly<Record<string, string>>;
      readonly headers: Readonly<Record<string, string>>;
      /** Dotted path of the list in the answer; undefined when the answer is the list. */
      readonly records: string | undefined;
    }
  | { readonly type: "topic"; readonly topic: string; readonly group: string }
  | { readonly type: "table"; readonly store: string; readonly table: string }
  | { readonly type: "query"; readonly store: string; readonly query: string };

export type Sink =
  | {
      readonly type: "topic";
      readonly topic: string;
      /** The field that becomes the key; undefined keeps the key of the record that was read. */
      readonly key: string | undefined;
      readonly delivery: "at_least_once" | "exactly_once";
    }
  | {
      readonly type: "store";
      readonly store: string;
      readonly table: string;
      readonly mode: "append" | "upsert" | "replace";
      /** Empty without a unique key. */
      readonly uniqueKey: readonly string[];
    };

export type OnBadRecord =
  | { readonly action: "fail" }
  | { readonly action: "skip" }
  | { readonly action: "topic"; readonly topic: string };
