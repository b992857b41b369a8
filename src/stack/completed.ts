import type { ObservedContainer } from "../model/containers.ts";

/** Whether a container is that of a one-shot which has done its work: it is not to run again. */
export function hasCompleted(
  container: Pick<ObservedContainer, "ready" | "state" | "exitCode">,
): boolean {
  const { ready, state, exitCode } = container;
  return ready?.kind === "completed" && state === "exited" && exitCode === 0;
}
