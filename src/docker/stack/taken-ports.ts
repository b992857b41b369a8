import type { Observed } from "../../model/containers.ts";
import { isUp } from "../../stack/observed.ts";
import { findBusyPorts } from "./ports.ts";

/** The host ports that running containers of a stack hold. */
export function heldPorts({ containers }: Observed): Set<number> {
  return new Set(
    containers.filter(isUp).flatMap(({ ports }) => ports.map(({ hostPort }) => hostPort)),
  );
}

/**
 * The ports of a stack's stopped containers that another program of this machine listens on, and the
 * observation that shows it. The engine may be starting a container for a killed command, and its own
 * listener is there before the container counts as running: the stack is observed again before a port is
 * called taken.
 */
export async function findTakenPorts(
  observed: Observed,
  observe: () => Promise<Observed>,
): Promise<{ readonly observed: Observed; readonly taken: ReadonlySet<number> }> {
  const taken = await findBusyPorts(idlePorts(observed));
  if (taken.size === 0) return { observed, taken };
  const again = await observe();
  return { observed: again, taken: await findBusyPorts(idlePorts(again)) };
}

function idlePorts(observed: Observed): number[] {
  const held = heldPorts(observed);
  return observed.containers
    .flatMap(({ ports }) => ports.map(({ hostPort }) => hostPort))
    .filter((port) => !held.has(port));
}
