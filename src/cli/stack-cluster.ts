import type { Cluster } from "../kafka/cluster.ts";
import type { Emit } from "../report/event.ts";
import type { Host } from "./context.ts";
import { tellOtherEngine } from "./engine.ts";
import type { SharedOptions } from "./options.ts";
import { findStack, runningBrokers } from "./running.ts";

/**
 * Runs `work` with the cluster of the stack that the command means, and ends its connections after it.
 * Throws DpError `not-running` when no broker runs.
 */
export async function withStackCluster<T>(
  on: {
    readonly host: Host;
    readonly shared: SharedOptions;
    readonly signal: AbortSignal;
    /** For a command that changes the cluster: which engine it is on, where it is not the usual one. */
    readonly emit?: Emit;
  },
  work: (cluster: Cluster) => Promise<T>,
): Promise<T> {
  const [stack, { openCluster }] = await Promise.all([
    findStack(on.host, on.shared),
    import("../kafka/cluster.ts"),
  ]);
  if (on.emit) tellOtherEngine(stack.engine, on.emit);
  const bootstrap = runningBrokers(stack).map(({ address }) => address);
  const cluster = openCluster({ bootstrap, signal: on.signal });
  try {
    return await work(cluster);
  } finally {
    cluster.close();
  }
}
