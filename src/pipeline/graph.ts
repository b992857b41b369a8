import type { Step } from "../model/pipelines.ts";
import { isEnded, type StepState } from "./result.ts";

/** What becomes of the steps that have not begun, as the others stand. */
export interface NextSteps {
  /** All that they need has succeeded. */
  readonly ready: readonly Step[];
  /** Something that they need, at first or second hand, did not succeed: they never start. */
  readonly unreachable: readonly Step[];
}

/** Which of the waiting steps can start, and which never will; in the order of the file. */
export function nextSteps(
  steps: readonly Step[],
  states: ReadonlyMap<string, StepState>,
): NextSteps {
  const known = new Map(states);
  const unreachable: Step[] = [];
  const ready: Step[] = [];
  for (const step of steps) {
    if (known.get(step.id) !== "waiting") continue;
    const needed = step.needs.map((id) => known.get(id) ?? "waiting");
    if (needed.some((state) => isEnded(state) && state !== "succeeded")) {
      known.set(step.id, "not-reached");
      unreachable.push(step);
    } else if (needed.every((state) => state === "succeeded")) {
      ready.push(step);
    }
  }
  return { ready, unreachable };
}
