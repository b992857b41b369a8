import type { Emit } from "../../model/events.ts";

export interface StepOptions<T> {
  readonly emit: Emit;
  readonly action: string;
  readonly target: string;
  readonly cause?: string;
  readonly work: () => Promise<T>;
  /** Says whether a result counts as success; unless given, every result does. */
  readonly succeeded?: (result: T) => boolean;
}

/** Tells the start and the end of a piece of work, with its duration; returns what the work does. */
export async function runStep<T>(options: StepOptions<T>): Promise<T> {
  const { emit, action, target, cause, work, succeeded = () => true } = options;
  const step = { type: "step", id: `${action}:${target}`, action, target } as const;
  const started = performance.now();
  const end = (state: "done" | "failed"): void => {
    emit({ ...step, state, durationMs: Math.round(performance.now() - started) });
  };
  emit({ ...step, state: "start", ...(cause === undefined ? {} : { cause }) });
  try {
    const result = await work();
    end(succeeded(result) ? "done" : "failed");
    return result;
  } catch (thrown) {
    end("failed");
    throw thrown;
  }
}
