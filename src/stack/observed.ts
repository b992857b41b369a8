import type { Observed, ObservedContainer } from "../model/containers.ts";

/** Of a stack that the engine has nothing of. */
export const nothingObserved: Observed = {
  containers: [],
  networks: [],
  volumes: [],
  foreign: [],
  occupiedPorts: [],
};

/** Whether a container has to be stopped, and holds its ports: also frozen, or between two starts. */
export function isUp({ state }: Pick<ObservedContainer, "state">): boolean {
  return state === "running" || state === "paused" || state === "restarting";
}
