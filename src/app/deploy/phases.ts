import type { Emit, Phase } from "../../model/events.ts";

export interface PhaseTime {
  readonly phase: Phase;
  readonly durationMs: number;
}

export interface Phases {
  /** Runs work as a phase: tells its begin and end, and keeps how long it took. */
  run<T>(phase: Phase, work: () => Promise<T>): Promise<T>;
  readonly times: readonly PhaseTime[];
}

export function createPhases(emit: Emit): Phases {
  const times: PhaseTime[] = [];
  return {
    times,
    run: async (phase, work) => {
      const startedAt = performance.now();
      emit({ type: "phase", phase, state: "start" });
      const result = await work();
      const durationMs = Math.round(performance.now() - startedAt);
      times.push({ phase, durationMs });
      emit({ type: "phase", phase, state: "done", durationMs });
      return result;
    },
  };
}
