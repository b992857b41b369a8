import { apply } from "../../docker/stack/apply.ts";
import type { Engine } from "../../docker/engine/connect.ts";
import { refuseBusyPorts } from "../../docker/stack/ports.ts";
import { createJournal } from "../../docker/stack/rollback.ts";
import { DpError } from "../../errors.ts";
import type { Report } from "../../report/choose.ts";
import type { Emit } from "../../model/events.ts";
import { hasCompleted } from "../../stack/completed.ts";
import type { Observed, ObservedContainer } from "../../model/containers.ts";
import type { Plan } from "../../stack/plan-model.ts";
import { planResume } from "../../stack/resume.ts";
import { expandServices } from "../../stack/select.ts";
import { tellOtherEngine } from "../stack/engine.ts";
import { makeBuckets } from "../stack/file-stores.ts";
import type { Host, SharedOptions } from "../request.ts";
import { findStack } from "../stack/running.ts";
import { stackLabels } from "../../docker/stack/stack-labels.ts";
import { withStackLock } from "../stack/stack-lock.ts";
import { withFreshObservation } from "../../docker/stack/fresh-observation.ts";
import { createWaits } from "./waits.ts";

/** A stack whose containers start again, while no other dp changes it. */
export interface Resuming {
  readonly engine: Engine;
  readonly project: string;
  readonly emit: Emit;
  readonly signal: AbortSignal;
}

/**
 * Finds the stack that is meant and has the work start its containers, then makes what lived in memory
 * anew. Returns what the work did: the services, in order, and how long it all took.
 */
export async function withResuming(
  request: {
    readonly host: Host;
    readonly shared: SharedOptions;
    readonly report: Report;
    readonly signal: AbortSignal;
  },
  work: (on: Resuming) => Promise<string[]>,
): Promise<{ readonly project: string; readonly services: string[]; readonly durationMs: number }> {
  const { host, shared, report, signal } = request;
  const startedAt = performance.now();
  const stack = await findStack(host, shared);
  const { name: project, engine } = stack;
  const { emit } = report;
  tellOtherEngine(engine, emit);
  const services = await withStackLock({ engine, project, command: host.command }, () =>
    work({ engine, project, emit, signal }),
  );
  await makeBuckets({ host, shared, stack }, { started: services, signal });
  return { project, services, durationMs: Math.round(performance.now() - startedAt) };
}

export interface ResumeStackInput extends Resuming {
  /** Services as on the command line; none means all. */
  readonly words: readonly string[];
  readonly inSync?: boolean;
  /** Milliseconds for each group to become ready. */
  readonly timeoutMs: number;
}

/**
 * Starts the containers of a stack that have stopped, and waits until they are ready; returns the
 * services that it started. Nothing is undone: what has started stays, to be looked at.
 */
export async function resumeStack(input: ResumeStackInput): Promise<string[]> {
  const { engine, project, emit, signal } = input;
  // A service that an earlier attempt has started runs already in the next plan.
  const started = new Set<string>();
  await withFreshObservation({
    engine,
    project,
    work: (observed) => startAll(input, { observed, started }),
    isFixed: () => true,
    emit,
    signal,
  });
  return [...started];
}

async function startAll(
  { engine, project, words, inSync = false, timeoutMs, emit, signal }: ResumeStackInput,
  { observed, started }: { readonly observed: Observed; readonly started: Set<string> },
): Promise<void> {
  refuseUnstartable({ project, observed, words });
  const plan = planResume({ project, containers: observed.containers, words, inSync });
  if (!engine.remote) await refuseBusyPorts(portsOf(plan, observed), observed.occupiedPorts);
  for (const { target } of plan.changes) started.add(target);
  await apply({
    plan,
    client: await engine.client(),
    labels: stackLabels({ name: project, file: observed.containers[0]?.file ?? "" }),
    emit,
    signal,
    journal: createJournal(),
    waits: createWaits({ engine, emit, timeoutMs }),
  });
}

/** Ports that nobody may hold: those of the containers that start. */
function portsOf({ changes }: Plan, { containers }: Observed): number[] {
  const starting = changes.filter(({ action }) => action === "start").map(({ target }) => target);
  return containers
    .filter(({ service }) => starting.includes(service))
    .flatMap(({ ports }) => ports.map(({ hostPort }) => hostPort));
}

/** Throws DpError `not-running` without containers, and `refused` for a word that means one that can't start as it is. */
export function refuseUnstartable(of: {
  readonly project: string;
  readonly observed: Observed;
  readonly words: readonly string[];
}): void {
  const { project, observed, words } = of;
  const { containers } = observed;
  if (containers.length === 0) {
    throw new DpError({
      code: "not-running",
      message: `${project} has no containers to start`,
      next: "dp up",
    });
  }
  const services = containers.map(({ service }) => service);
  const named = expandServices(words, services);
  const refused = containers.find(
    (container) => named.includes(container.service) && whyUnstartable(container) !== undefined,
  );
  if (!refused) return;
  const { service } = refused;
  throw new DpError({
    code: "refused",
    message: `${service} can't be started as it is`,
    why: whyUnstartable(refused),
    next: hasCompleted(refused) ? `dp up --recreate ${service} runs it again` : "dp up",
  });
}

function whyUnstartable(container: ObservedContainer): string | undefined {
  const { state } = container;
  if (hasCompleted(container)) return "it is a one-shot, and has done its work";
  if (state === "created") return "it has never started: dp up has not finished";
  return state === "dead" || state === "removing" ? `it is ${state}` : undefined;
}
