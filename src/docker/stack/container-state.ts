import type { ContainerState } from "../../model/containers.ts";

/**
 * The state of a listed container in Docker's words. Podman has two more (libpod/define/containerstate.go):
 * `stopped` is one that has ended and is not cleaned up yet, `stopping` one that still runs.
 */
export function toContainerState(word: string): ContainerState {
  const words: Readonly<Record<string, ContainerState>> = {
    stopped: "exited",
    stopping: "running",
  };
  return words[word] ?? (word as ContainerState);
}
