import { openCluster, type Cluster } from "../../kafka/cluster/cluster.ts";
import type { ClusterKind } from "../../kafka/cluster/advice.ts";
import { patience } from "../../kafka/connection/patience.ts";
import type { Security } from "../../kafka/connection/security.ts";
import type { Emit } from "../../model/events.ts";
import type { Address } from "../../model/containers.ts";
import { chooseCluster, type ChosenCluster } from "./choose.ts";
import { tellOtherEngine } from "../stack/engine.ts";
import type { Host, SharedOptions } from "../request.ts";
import { awaitUnpaused, findStack, runningBrokers } from "../stack/running.ts";

interface Where {
  readonly host: Host;
  readonly shared: SharedOptions;
  readonly signal: AbortSignal;
  /** For a command that changes the cluster: which one it is, where that is not the usual one. */
  readonly emit?: Emit;
  /** The command reads the pipeline.yaml for something else: `--brokers` may stand beside `--file`. */
  readonly readsFile?: boolean;
}

/** How to open the cluster. */
interface Found {
  readonly kind: ClusterKind;
  readonly bootstrap: readonly Address[];
  readonly security?: Security | undefined;
}

/**
 * Runs `work` with the cluster that the command means, the stack's or that of `--brokers`, and ends its
 * connections after it. Throws DpError `not-running` when no broker of the stack runs; what a broker or
 * a connection throws becomes a DpError with what to do next.
 */
export async function withCluster<T>(
  on: Where,
  work: (cluster: Cluster) => Promise<T>,
): Promise<T> {
  const found = await findCluster(on);
  const { kind, bootstrap, security } = found;
  const patienceMs = patience.commandMs;
  const cluster = openCluster({ kind, bootstrap, security, patienceMs, signal: on.signal });
  try {
    return await work(cluster);
  } catch (error) {
    const { explainFailure } = await import("../../kafka/cluster/explain.ts");
    throw explainFailure(error, found.kind);
  } finally {
    cluster.close();
  }
}

async function findCluster(on: Where): Promise<Found> {
  const chosen = await chooseCluster(on.host, on.shared, on);
  if (chosen.kind === "stack") return stackCluster(on);
  tellCluster(chosen, on);
  return chosen;
}

async function stackCluster({ host, shared, signal, emit }: Where): Promise<Found> {
  const stack = await awaitUnpaused(await findStack(host, shared), signal);
  if (emit) tellOtherEngine(stack.engine, emit);
  return { kind: "stack", bootstrap: runningBrokers(stack).map(({ address }) => address) };
}

/** Where something changes, the user reads where, unless it is on the command line. */
function tellCluster(
  chosen: Extract<ChosenCluster, { kind: "external" }>,
  { emit, shared }: Where,
): void {
  const { bootstrap, from, ignored } = chosen;
  if (from !== "--brokers") {
    const addresses = bootstrap.map(({ host, port }) => `${host}:${port}`).join(",");
    emit?.({ type: "note", level: "info", text: `cluster: ${addresses} (${from})` });
  }
  if (shared.verbose && ignored.length > 0) {
    emit?.({
      type: "note",
      level: "info",
      text: `client properties not used: ${ignored.join(", ")}`,
    });
  }
}
