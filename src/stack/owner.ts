import { dirname, join, relative } from "node:path";
import type { ContainerSpec, Observed } from "../model/containers.ts";

/** The file, and the host it lies on, that made what was observed; undefined when there is nothing. */
export function describeOwner(observed: Observed): { file: string; host: string } | undefined {
  const [first] = [...observed.containers, ...observed.networks, ...observed.volumes];
  return first && { file: first.file, host: first.host };
}

/**
 * Containers whose mounts begin in the folder of the file that created the stack instead of in that of `file`,
 * another path of the same file: the way to a file is no change.
 */
export function withMountsOf(
  owner: { readonly file: string },
  file: string,
  specs: readonly ContainerSpec[],
): ContainerSpec[] {
  const move = (source: string): string =>
    join(dirname(owner.file), relative(dirname(file), source));
  return specs.map((spec) => ({
    ...spec,
    binds: spec.binds.map((bind) => ({ ...bind, source: move(bind.source) })),
  }));
}
