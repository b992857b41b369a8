import type { Step } from "../model/pipelines.ts";
import { nextSteps } from "./graph.ts";
import { noCounts, type StepCounts, type StepResult, type StepState } from "./result.ts";

/** How one try of a step ended. */
export interface TryOutcome {
  readonly succeeded: boolean;
  readonly counts: StepCounts;
  readonly durationMs: number;
}

/** Where a step stands after something happened to it. */
export interface StepChange {
  readonly step: Step;
  readonly state: StepState;
  /** The try that began, or ended; 0 before the first. */
  readonly try: number;
  readonly durationMs: number | null;
  /** Milliseconds until the next try, for a step that is retried. */
  readonly nextTryInMs?: number;
}

export interface ExecuteInput {
  readonly steps: readonly Step[];
  /** Throws only when the whole run has to end. */
  readonly runTry: (step: Step, tryNumber: number) => Promise<TryOutcome>;
  readonly pause: (durationMs: number) => Promise<void>;
  readonly onChange: (change: StepChange) => void;
}

/**
 * Runs steps, each as soon as what it needs has succeeded, with its retries; a step behind one that
 * failed is not reached, the others go on. Returns the results in the order of the steps.
 */
export async function executeSteps(input: ExecuteInput): Promise<StepResult[]> {
  const { steps, onChange } = input;
  const states = new Map<string, StepState>(steps.map(({ id }) => [id, "waiting"]));
  const results = new Map<string, StepResult>();
  const running = new Map<string, Promise<void>>();
  const start = async (step: Step): Promise<void> => {
    const result = await runWithRetries(step, input);
    results.set(step.id, result);
    states.set(step.id, result.state);
    running.delete(step.id);
  };
  for (;;) {
    const { ready, unreachable } = nextSteps(steps, states);
    for (const step of unreachable) {
      states.set(step.id, "not-reached");
      onChange({ step, state: "not-reached", try: 0, durationMs: null });
    }
    for (const step of ready) {
      states.set(step.id, "running");
      const run = start(step);
      // The first one that throws ends the run; those that follow it have nobody to tell.
      run.catch(() => {});
      running.set(step.id, run);
    }
    if (running.size === 0) break;
    await Promise.race(running.values());
  }
  return steps.map(
    (step): StepResult =>
      results.get(step.id) ?? {
        step: step.id,
        state: states.get(step.id) ?? "waiting",
        tries: 0,
        ...noCounts,
        durationMs: null,
      },
  );
}

async function runWithRetries(
  step: Step,
  { runTry, pause, onChange }: ExecuteInput,
): Promise<StepResult> {
  for (let tryNumber = 1; ; tryNumber++) {
    onChange({ step, state: "running", try: tryNumber, durationMs: null });
    const { succeeded, counts, durationMs } = await runTry(step, tryNumber);
    if (!succeeded && tryNumber <= step.retries) {
      const nextTryInMs = step.retryDelayMs;
      onChange({ step, state: "retrying", try: tryNumber, durationMs, nextTryInMs });
      await pause(nextTryInMs);
      continue;
    }
    const state = succeeded ? "succeeded" : "failed";
    onChange({ step, state, try: tryNumber, durationMs });
    return { step: step.id, state, tries: tryNumber, ...counts, durationMs };
  }
}
