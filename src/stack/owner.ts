import type { Observed } from "./model.ts";

/** The file, and the host it lies on, that made what was observed; undefined when there is nothing. */
export function describeOwner(observed: Observed): { file: string; host: string } | undefined {
  const [first] = [...observed.containers, ...observed.networks, ...observed.volumes];
  return first && { file: first.file, host: first.host };
}
