/** How runs and their steps stand: the same for Airflow and for local runs. */

export type StepState =
  | "waiting"
  | "running"
  /** A try failed, the next one is to come. */
  | "retrying"
  | "succeeded"
  | "failed"
  /** It was never started, because what it needs failed or the run ended before. */
  | "not-reached"
  | "skipped";

export interface StepResult {
  readonly step: string;
  readonly state: StepState;
  /** Tries that began. */
  readonly tries: number;
  /** Null where nothing is counted: what runs a command, or did not succeed. */
  readonly recordsIn: number | null;
  readonly recordsOut: number | null;
  readonly recordsBad: number | null;
  /** Of the last try; null when it never began. */
  readonly durationMs: number | null;
}

export type RunState = "queued" | "running" | "succeeded" | "failed";

export interface RunResult {
  readonly pipeline: string;
  /** The run's id. */
  readonly run: string;
  readonly state: RunState;
  readonly durationMs: number | null;
  /** In the order of the pipeline. */
  readonly steps: readonly StepResult[];
  /** What the steps that failed said last. */
  readonly failures: readonly StepFailure[];
  /** Why the run failed although no step did; null otherwise. */
  readonly why: string | null;
}

export interface StepFailure {
  readonly step: string;
  readonly try: number;
  /** Its last lines. */
  readonly log: readonly string[];
}

/** What a step says of itself in the last line of its output. */
export interface StepCounts {
  readonly recordsIn: number | null;
  readonly recordsOut: number | null;
  readonly recordsBad: number | null;
}

export const noCounts: StepCounts = { recordsIn: null, recordsOut: null, recordsBad: null };

/** The counts that a line of output tells; undefined for any other line. */
export function parseCounts(line: string): StepCounts | undefined {
  if (!line.startsWith('{"recordsIn":')) return undefined;
  try {
    const counts = JSON.parse(line) as Partial<StepCounts>;
    const { recordsIn = null, recordsOut = null, recordsBad = null } = counts;
    return { recordsIn, recordsOut, recordsBad };
  } catch {
    return undefined;
  }
}

/** Whether nothing more happens to a step. */
export function isEnded(state: StepState): boolean {
  return !["waiting", "running", "retrying"].includes(state);
}
