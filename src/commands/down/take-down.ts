import { retryUntil } from "../../async/retry-until.ts";
import type { Engine } from "../../docker/engine/connect.ts";
import { observeStack } from "../../docker/stack/observe.ts";
import { removeStack } from "../../docker/stack/remove.ts";
import { removeRuns } from "../../docker/stack/left-runs.ts";
import { DpError } from "../../errors.ts";
import type { Emit } from "../../model/events.ts";
import type { Style } from "../../report/style.ts";
import type { Observed } from "../../model/containers.ts";
import { withStackLock } from "../../app/stack/stack-lock.ts";

/** Milliseconds for a last look after Ctrl-C; a busy engine may lose a call. */
const lookMs = 10_000;
const lookPauseMs = 200;

/** What became of a stack: names of what was removed, and of the data that stays. */
export interface TakenDown {
  readonly project: string;
  readonly containers: readonly string[];
  readonly networks: readonly string[];
  readonly volumes: readonly string[];
  readonly keptVolumes: readonly string[];
}

interface TakeDown {
  readonly engine: Engine;
  readonly project: string;
  readonly volumes: "keep" | "remove";
  /** The command that removes it, for others that find it locked. */
  readonly command: string;
  readonly emit: Emit;
  readonly signal: AbortSignal;
}

/**
 * Removes a stack while no other dp changes it. Throws DpError `locked`, and `interrupted` with what is
 * left when the signal is aborted.
 */
export function takeDown(input: TakeDown): Promise<TakenDown> {
  const { engine, project, volumes, command, emit, signal } = input;
  // Loaded while the engine is asked; a failure is told when it is awaited.
  engine.client().catch(() => {});
  return withStackLock({ engine, project, command }, async () => {
    // A container of a run in the stack's network would keep that from going.
    const removeAllRuns = (): Promise<string[]> =>
      removeRuns({ engine, project, which: "all", signal });
    const [runs, observed, client] = await Promise.all([
      removeAllRuns(),
      observeStack(engine, project, signal),
      engine.client(),
    ]);
    const removed = await removeStack({
      client,
      project,
      observed,
      volumes,
      // The step runner starts the retry of a step as long as it is there.
      beforeNetworks: removeAllRuns,
      emit,
      signal,
    }).catch(async (thrown: unknown) => {
      throw signal.aborted ? await tellRest(input, thrown) : thrown;
    });
    return {
      project,
      containers: [...observed.containers.map(({ name }) => name), ...runs],
      networks: observed.networks.map(({ name }) => name),
      volumes: removed,
      keptVolumes: volumes === "keep" ? observed.volumes.map(({ name }) => name) : [],
    };
  });
}

async function tellRest({ engine, project, volumes }: TakeDown, cause: unknown): Promise<DpError> {
  const left = await retryUntil({
    attempt: (signal) => observeStack(engine, project, signal),
    isRetriable: () => true,
    timeoutMs: lookMs,
    pauseMs: lookPauseMs,
    // The one of the command is over.
    signal: new AbortController().signal,
  }).catch(() => undefined);
  return describeRest({ project, volumes, left, cause });
}

/** The failure of an interrupted removal; `left` is what the engine still has, undefined when it did not respond. */
export function describeRest({
  project,
  volumes,
  left,
  cause,
}: Pick<TakeDown, "project" | "volumes"> & {
  readonly left: Pick<Observed, "containers" | "networks" | "volumes"> | undefined;
  readonly cause: unknown;
}): DpError {
  const names = [
    ...(left?.containers ?? []),
    ...(left?.networks ?? []),
    ...(volumes === "remove" ? (left?.volumes ?? []) : []),
  ].map(({ name }) => name);
  const rest =
    names.length > 0 ? `left of ${project}: ${names.join(", ")}` : `nothing of ${project} is left`;
  const unknown = `what is left of ${project} is unknown: the engine did not respond within ${lookMs / 1000} s`;
  return new DpError({
    code: "interrupted",
    message: "interrupted",
    why: left ? `${rest}; the engine ends what it was asked for` : unknown,
    next: `dp down${volumes === "remove" ? " --volumes" : ""} --project ${project} goes on`,
    cause,
  });
}

export function renderTakenDown(stack: TakenDown, style: Style): string {
  const { project, containers, networks, volumes, keptVolumes } = stack;
  const all = [...containers, ...networks, ...volumes];
  const removed = all.length > 0 ? `removed ${all.join(", ")}` : `nothing of ${project} was there`;
  const kept =
    keptVolumes.length > 0
      ? `kept ${keptVolumes.join(", ")} (dp down --volumes --project ${project} removes the data)\n`
      : "";
  return `${style.green("✓")} ${removed}\n${kept}`;
}
