import type { Waits } from "../../docker/apply.ts";
import type { Engine } from "../../docker/connect.ts";
import { messageOf } from "../../errors.ts";
import { waitUntilReady } from "../../health/wait.ts";
import type { Emit } from "../../report/event.ts";
import type { ProbeResult } from "../../stack/model.ts";
import type { Op } from "../../stack/plan-model.ts";
import { runProbe } from "../probes.ts";

export interface WaitsInput {
  readonly engine: Engine;
  readonly emit: Emit;
  /** Milliseconds for all groups together, from when the first is waited for. */
  readonly timeoutMs: number;
  /** Group → what is done while it is waited for. Its failure is that of the run. */
  readonly meanwhile?: Readonly<Record<string, (signal: AbortSignal) => Promise<void>>>;
}

/** A group that starts after others gets at least so long: they may have taken all the time. */
const leastMs = 5000;

/** The waits of a plan, by the probes of the groups. */
export function createWaits({ engine, emit, timeoutMs, meanwhile = {} }: WaitsInput): Waits {
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
    deregistered: (op, stop) => awaitDeregistered(op, { timeoutMs, stop }),
  };
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
