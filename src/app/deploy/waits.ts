import type { Waits } from "../../docker/stack/apply.ts";
import type { Engine } from "../../docker/engine/connect.ts";
import { messageOf } from "../../errors.ts";
import { waitUntilReady } from "../../async/wait-until-ready.ts";
import type { Emit } from "../../model/events.ts";
import type { Cluster } from "../../kafka/cluster/cluster.ts";
import type { Address, ProbeResult } from "../../model/containers.ts";
import type { Op } from "../../stack/plan-model.ts";
import { runProbe } from "../checks/probes.ts";

export interface WaitsInput {
  readonly engine: Engine;
  readonly emit: Emit;
  /** Milliseconds for all groups together, from when the first is waited for. */
  readonly timeoutMs: number;
  /** Group → what is done while it is waited for. Its failure is that of the run. */
  readonly meanwhile?: Readonly<Record<string, (signal: AbortSignal) => Promise<void>>>;
  /** Applies the topics of pipeline.yaml. Not needed for a plan without that op. */
  readonly topics?: (signal: AbortSignal) => Promise<void>;
}

/** A group that starts after others gets at least so long: they may have taken all the time. */
const leastMs = 5000;

/** The waits of a plan, by the probes of the groups. */
export function createWaits(input: WaitsInput): Waits {
  const { engine, emit, timeoutMs, meanwhile = {}, topics } = input;
  let begunAt: number | undefined;
  const leftMs = (): number => {
    begunAt ??= performance.now();
    const left = begunAt + timeoutMs - performance.now();
    return Math.round(Math.max(left, Math.min(timeoutMs, leastMs)));
  };
  return {
    ready: async (group, stop) => {
      const ready = waitUntilReady({
        target: group.name,
        probe: (attempt) => runProbe(group.probe, { signal: attempt, client: engine.client }),
        timeoutMs,
        leftMs: leftMs(),
        signal: stop,
        onProgress: (text) => emit({ type: "progress", target: group.name, text }),
      });
      await Promise.all([ready, meanwhile[group.name]?.(stop)]);
    },
    topics: async (stop) => topics?.(stop),
    deregistered: (op, stop) => awaitDeregistered(op, { timeoutMs, stop }),
    drained: (op, stop) => drain(op, { emit, signal: stop }),
    unregistered: ({ brokerId, bootstrap }, stop) =>
      withCluster({ bootstrap, signal: stop }, async (cluster) => {
        const { unregisterBroker } = await import("../../kafka/topics/drain.ts");
        await unregisterBroker(cluster, brokerId);
      }),
  };
}

/** Takes as long as the data needs: it ends only when it can't go on. */
async function drain(
  { target, leaving, staying, bootstrap }: Extract<Op, { kind: "drain-brokers" }>,
  { emit, signal }: { readonly emit: Emit; readonly signal: AbortSignal },
): Promise<void> {
  const { drainBrokers } = await import("../../kafka/topics/drain.ts");
  const told = (left: number): void =>
    emit({
      type: "progress",
      target,
      text: `${left} ${left === 1 ? "partition" : "partitions"} to move`,
    });
  await withCluster({ bootstrap, signal }, (cluster) =>
    drainBrokers({ cluster, leaving, staying, signal, told }),
  );
}

async function withCluster(
  options: { readonly bootstrap: readonly Address[]; readonly signal: AbortSignal },
  work: (cluster: Cluster) => Promise<void>,
): Promise<void> {
  const { openCluster } = await import("../../kafka/cluster/cluster.ts");
  const cluster = openCluster(options);
  try {
    await work(cluster);
  } finally {
    cluster.close();
  }
}

/** Waits until ZooKeeper holds no id of the broker's last session. Throws DpError `not-ready`. */
export async function awaitDeregistered(
  { brokerId, zookeeper, target }: Extract<Op, { kind: "await-deregistered" }>,
  wait: { readonly timeoutMs: number; readonly stop: AbortSignal },
): Promise<void> {
  const { isBrokerRegistered } = await import("../../zookeeper/znodes.ts");
  await waitUntilReady({
    target,
    timeoutMs: wait.timeoutMs,
    signal: wait.stop,
    probe: async (signal): Promise<ProbeResult> => {
      try {
        const query = { address: zookeeper, id: brokerId, signal };
        if (!(await isBrokerRegistered(query))) return { ready: true };
        return { ready: false, waitingFor: "its old session in ZooKeeper has not ended yet (6 s)" };
      } catch (thrown) {
        return { ready: false, waitingFor: messageOf(thrown) };
      }
    },
  });
}
