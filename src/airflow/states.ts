import type { StepState } from "../pipeline/result.ts";

/** Airflow's state of a task instance; null before it is scheduled. */
export function stepStateOf(state: string | null): StepState {
  switch (state) {
    case "running":
    case "restarting":
    case "deferred":
    // A sensor between two looks.
    case "up_for_reschedule":
      return "running";
    case "up_for_retry":
      return "retrying";
    case "success":
      return "succeeded";
    case "failed":
      return "failed";
    case "upstream_failed":
      return "not-reached";
    case "skipped":
    case "removed":
      return "skipped";
    default:
      return "waiting";
  }
}
