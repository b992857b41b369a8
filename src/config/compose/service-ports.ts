import type { Context } from "./context.ts";
import type { PlannedService } from "./plan.ts";
import { readPorts } from "./ports.ts";
import { unlessEmpty, type Setting } from "./draft.ts";
import type { Tree } from "./tree.ts";

/** A rootless engine can't publish ports below this. */
const leastPort = 1024;

/** The published ports of a service in the short form. */
export function convertPorts(
  tree: Tree,
  { service, context }: { service: PlannedService; context: Context },
): Setting | undefined {
  const ports = readPorts(tree, { service, context }).map(({ address, host, container, at }) => {
    const number = Number(context.values.evaluate(host ?? ""));
    if (host !== undefined && number > 0 && number < leastPort) {
      const reason = `port ${number} of this machine is privileged: dp chooses a free port`;
      context.notes.change({
        service: service.name,
        key: `ports ${host}:${container}`,
        at,
        reason,
      });
      return container;
    }
    return [
      ...(address === undefined ? [] : [address]),
      ...(host === undefined ? [] : [host]),
      container,
    ].join(":");
  });
  return unlessEmpty([...new Set(ports)]);
}
