import { apply } from "../../docker/apply.ts";
import type { Engine } from "../../docker/connect.ts";
import { refuseBusyPorts } from "../../docker/ports.ts";
import { createJournal } from "../../docker/rollback.ts";
import { waitUntilReady } from "../../health/wait.ts";
import type { Report } from "../../report/choose.ts";
import { messageOf } from "../../errors.ts";
import type { Observed, ProbeResult } from "../../stack/model.ts";
import type { Op, Plan } from "../../stack/plan-model.ts";
import { formatChange } from "../../stack/plan.ts";
import type { Planned } from "./planning.ts";
import { runProbe } from "../probes.ts";
import { stackLabels } from "../stack-labels.ts";
import { undoRun } from "./undo.ts";

export interface ApplyPlanInput {
  readonly planned: Planned;
  readonly observed: Observed;
  readonly engine: Engine;
  readonly report: Report;
  readonly signal: AbortSignal;
  /** Milliseconds for the stack to become ready. */
  readonly timeoutMs: number;
  readonly keep: boolean;
  /** Group → what is done while it is waited for. Its failure is that of the run. */
  readonly meanwhile?: Readonly<Record<string, (signal: AbortSignal) => Promise<void>>>;
}

/** Makes the plan true and waits until the stack is ready; undoes it when that fails. */
export async function applyPlan(input: ApplyPlanInput): Promise<void> {
  const { planned, observed, engine, report, signal, timeoutMs, keep, meanwhile = {} } = input;
  const { plan, settled } = planned;
  const { emit } = report;
  emit({
    type: "plan",
    text: plan.changes.map(formatChange).join("\n"),
    changes: plan.changes.length,
  });
  for (const text of plan.notes) emit({ type: "note", level: "info", text });
  if (engine.remote) noteTunnel(engine, planned, report);
  else await refuseBusyPorts(planned.newPorts, observed.occupiedPorts);

  const client = await engine.client();
  const journal = createJournal();
  const onProgress = (target: string) => (text: string) => emit({ type: "progress", target, text });
  try {
    await apply({
      plan,
      client,
      labels: stackLabels(settled),
      emit,
      signal,
      journal,
      waits: {
        ready: async (group, stop) => {
          const ready = waitUntilReady({
            target: group.name,
            probe: (attempt) => runProbe(group.probe, { signal: attempt, client: engine.client }),
            timeoutMs,
            signal: stop,
            onProgress: onProgress(group.name),
          });
          await Promise.all([ready, meanwhile[group.name]?.(stop)]);
        },
        deregistered: (op, stop) => awaitDeregistered(op, { timeoutMs, stop }),
      },
    });
  } catch (thrown) {
    const interrupted = signal.aborted;
    throw await undoRun({
      client,
      journal,
      plan,
      stack: settled,
      report,
      keep,
      thrown,
      interrupted,
      beforeRestart: (service) => awaitOldSession(service, plan),
    });
  }
}

/** Longer than the session of a broker's successor (6 s), which may outlive it. */
const oldSessionMs = 15_000;

/** Before a broker starts again that its successor has made room for: waits as a start in the plan does. */
async function awaitOldSession(service: string, plan: Plan): Promise<void> {
  const op = plan.ops.find(
    ({ kind, target }) => kind === "await-deregistered" && target === service,
  );
  if (op?.kind !== "await-deregistered") return;
  const stop = AbortSignal.timeout(oldSessionMs);
  await awaitDeregistered(op, { timeoutMs: oldSessionMs, stop }).catch(() => {});
}

/** Published ports are loopback addresses of the engine's machine: from here they need a tunnel. */
function noteTunnel({ url }: Engine, { ports }: Planned, { emit }: Report): void {
  if (ports.length === 0) return;
  const forwards = ports.map((port) => `-L ${port}:127.0.0.1:${port}`).join(" ");
  const { hostname } = new URL(url);
  const text = `the engine is on ${hostname}; its ports need a tunnel: ssh -N ${forwards} ${hostname}`;
  emit({ type: "note", level: "warning", text });
}

async function awaitDeregistered(
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
