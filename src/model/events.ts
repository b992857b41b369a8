/**
 * What long work tells while it runs. Renderers choose what of it to show; `--json` prints each as
 * one line, with `time` added (contracts: Events).
 */
export type Event =
  /** The plan that is about to be applied, as `dp plan` prints it. */
  | { readonly type: "plan"; readonly text: string; readonly changes: number }
  | {
      readonly type: "phase";
      readonly phase: Phase;
      readonly state: "start" | "done";
      readonly durationMs?: number;
    }
  | {
      readonly type: "step";
      /** Unique within one run, e.g. `create:kafka-1`. */
      readonly id: string;
      /** What it is done to: a service, volume, network, topic or image. */
      readonly target: string;
      /** A verb that reads before the target: "create", "start", "wait for". */
      readonly action: string;
      /** `canceled`: it ended because something else failed. */
      readonly state: "start" | "done" | "failed" | "canceled";
      readonly cause?: string;
      readonly durationMs?: number;
    }
  | {
      readonly type: "progress";
      readonly target: string;
      readonly text: string;
      readonly current?: number;
      readonly total?: number;
      /** RFC 3339: when what the text says will happen. */
      readonly until?: string;
    }
  | {
      readonly type: "log";
      readonly target: string;
      readonly line: string;
      /** Said by the user's own code: told without --verbose, too. */
      readonly own?: true;
    }
  | { readonly type: "note"; readonly level: "info" | "warning"; readonly text: string }
  /** Always the last one: the document that the command prints otherwise. */
  | { readonly type: "result"; readonly ok: boolean; readonly document: object };

export type Phase =
  | "images"
  | "create"
  | "start"
  | "wait"
  | "topics"
  | "seed"
  | "pipelines"
  | "smoke"
  | "undo"
  | "remove";

export type Emit = (event: Event) => void;
