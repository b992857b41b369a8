import { apply } from "../../docker/stack/apply.ts";
import type { Engine } from "../../docker/engine/connect.ts";
import { lostEngine } from "../../docker/engine/engine-error.ts";
import { refuseBusyPorts } from "../../docker/stack/ports.ts";
import { createJournal } from "../../docker/stack/rollback.ts";
import type { Report } from "../../report/choose.ts";
import { DpError } from "../../errors.ts";
import { formatChange } from "../../stack/plan.ts";
import type { DagChange } from "../../app/pipelines/plan-dags.ts";
import { beforeRestart } from "./before-restart.ts";
import type { Planned } from "../../app/deploy/planning.ts";
import { stackLabels } from "../../docker/stack/stack-labels.ts";
import { undoRun } from "./undo.ts";
import { createWaits } from "../../app/deploy/waits.ts";

export interface ApplyPlanInput {
  readonly planned: Planned;
  /** What is deployed when the plan is applied: told with it. */
  readonly pipelines: readonly DagChange[];
  readonly engine: Engine;
  readonly report: Report;
  readonly signal: AbortSignal;
  /** Milliseconds for the stack to become ready. */
  readonly timeoutMs: number;
  readonly keep: boolean;
  /** Group → what is done while it is waited for. Its failure is that of the run. */
  readonly meanwhile?: Readonly<Record<string, (signal: AbortSignal) => Promise<void>>>;
  /** Applies the topics when the brokers are ready. */
  readonly topics: (signal: AbortSignal) => Promise<void>;
}

/** Makes the plan true and waits until the stack is ready; undoes it when that fails. */
export async function applyPlan(input: ApplyPlanInput): Promise<void> {
  const { planned, pipelines, engine, report, signal, timeoutMs, keep, topics } = input;
  const { meanwhile = {} } = input;
  const { plan, settled, observed } = planned;
  const { emit } = report;
  const changes = [...plan.changes, ...pipelines];
  emit({ type: "plan", text: changes.map(formatChange).join("\n"), changes: changes.length });
  for (const text of plan.notes) emit({ type: "note", level: "info", text });
  if (engine.remote) noteTunnel(engine, planned, report);
  else await refuseBusyPorts(planned.newPorts, observed.occupiedPorts);

  const client = await engine.client();
  const journal = createJournal();
  try {
    await apply({
      plan,
      client,
      labels: stackLabels(settled),
      emit,
      signal,
      journal,
      waits: createWaits({ engine, emit, timeoutMs, meanwhile, topics }),
    });
  } catch (failure) {
    const interrupted = signal.aborted;
    const thrown = interrupted || (await engine.answers()) ? failure : stoppedEngine(failure);
    throw await undoRun({
      client,
      journal,
      plan,
      stack: settled,
      report,
      keep,
      thrown,
      interrupted,
      beforeRestart: (service) => beforeRestart(service, { plan, engine }),
    });
  }
}

/** An engine that shuts down takes the containers along: it is the reason, whatever failed first. */
function stoppedEngine(failure: unknown): unknown {
  if (failure instanceof DpError && failure.code === "no-engine") return failure;
  return lostEngine(failure, "the stack was starting");
}

/** Published ports are loopback addresses of the engine's machine: from here they need a tunnel. */
function noteTunnel({ url }: Engine, { ports }: Planned, { emit }: Report): void {
  if (ports.length === 0) return;
  const forwards = ports.map((port) => `-L ${port}:127.0.0.1:${port}`).join(" ");
  const { protocol, hostname, username, port } = new URL(url);
  const byUser = username === "" ? hostname : `${username}@${hostname}`;
  const login = protocol === "ssh:" ? `${port === "" ? "" : `-p ${port} `}${byUser}` : hostname;
  const text = `the engine is on ${hostname}; its ports need a tunnel: ssh -N ${forwards} ${login}`;
  emit({ type: "note", level: "warning", text });
}
