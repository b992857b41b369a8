import type { StepResult, StepState } from "../../../pipeline/result.ts";
import type { Emit } from "../../../model/events.ts";

/** How a step stands: one try of it, or what comes after. */
export interface StepStand {
  readonly step: string;
  readonly state: StepState;
  /** 0 before the first. */
  readonly try: number;
  /** Tries that there may be in all. */
  readonly maxTries: number;
  readonly durationMs: number | null;
  /** Epoch milliseconds of the next try, for a step that is retried. */
  readonly nextTryAt?: number | undefined;
}

export interface RunProgress {
  stand(stand: StepStand): void;
  line(step: string, line: string): void;
  /** The last lines of a step's last try. */
  lastLines(step: string): readonly string[];
}

const keptLines = 30;

/** Tells the steps of a run as they go; counts, which are a step's last line, are no line to tell. */
export function createRunProgress(emit: Emit, isCounts: (line: string) => boolean): RunProgress {
  const begun = new Map<string, number>();
  const kept = new Map<string, string[]>();
  const base = (step: string) =>
    ({ type: "step", id: `run:${step}`, target: step, action: "run" }) as const;

  const begin = ({ step, try: number, maxTries }: StepStand): void => {
    if (begun.get(step) === number) return;
    begun.set(step, number);
    kept.set(step, []);
    const cause = number > 1 ? { cause: `try ${number} of ${maxTries}` } : {};
    emit({ ...base(step), state: "start", ...cause });
  };

  return {
    stand(now) {
      const { step, state, try: number, maxTries, durationMs, nextTryAt } = now;
      const duration = durationMs === null ? {} : { durationMs };
      switch (state) {
        case "running":
          begin(now);
          return;
        case "retrying": {
          begin(now);
          const text = `try ${number} failed; try ${number + 1} of ${maxTries}`;
          const until = nextTryAt === undefined ? {} : { until: new Date(nextTryAt).toISOString() };
          emit({ type: "progress", target: step, text, ...until });
          return;
        }
        case "succeeded":
          begin(now);
          emit({ ...base(step), state: "done", ...duration });
          return;
        case "failed":
          emit({ ...base(step), state: "failed", ...duration });
          return;
        case "waiting":
        case "not-reached":
        case "skipped":
          return;
      }
    },
    line(step, line) {
      if (isCounts(line)) return;
      const lines = kept.get(step) ?? [];
      kept.set(step, [...lines.slice(1 - keptLines), line]);
      emit({ type: "log", target: step, line, own: true });
    },
    lastLines: (step) => kept.get(step) ?? [],
  };
}

/** What failed, with its last lines. */
export function failuresOf(steps: readonly StepResult[], progress: RunProgress) {
  return steps
    .filter(({ state }) => state === "failed")
    .map(({ step, tries }) => ({ step, try: tries, log: progress.lastLines(step) }));
}
