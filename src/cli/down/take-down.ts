import type { Engine } from "../../docker/connect.ts";
import { observeStack } from "../../docker/observe.ts";
import { removeStack } from "../../docker/remove.ts";
import { removeRunContainers } from "../../docker/run-container.ts";
import type { Emit } from "../../report/event.ts";
import type { Style } from "../../report/style.ts";
import { withStackLock } from "../stack-lock.ts";

/** What became of a stack: names of what was removed, and of the data that stays. */
export interface TakenDown {
  readonly project: string;
  readonly containers: readonly string[];
  readonly networks: readonly string[];
  readonly volumes: readonly string[];
  readonly keptVolumes: readonly string[];
}

/** Removes a stack while no other dp changes it. Throws DpError `locked`. */
export function takeDown(input: {
  readonly engine: Engine;
  readonly project: string;
  readonly volumes: "keep" | "remove";
  readonly emit: Emit;
  readonly signal: AbortSignal;
}): Promise<TakenDown> {
  const { engine, project, volumes, emit, signal } = input;
  // Loaded while the engine is asked; a failure is told when it is awaited.
  engine.client().catch(() => {});
  return withStackLock({ engine, project }, async () => {
    const [runs, observed, client] = await Promise.all([
      // A local run in the stack's network would keep that from going.
      removeRunContainers({ engine, project, which: "all", signal }),
      observeStack(engine, project, signal),
      engine.client(),
    ]);
    const removed = await removeStack({ client, project, observed, volumes, emit, signal });
    return {
      project,
      containers: [...observed.containers.map(({ name }) => name), ...runs],
      networks: observed.networks.map(({ name }) => name),
      volumes: removed,
      keptVolumes: volumes === "keep" ? observed.volumes.map(({ name }) => name) : [],
    };
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
  return `${style.green("✔")} ${removed}\n${kept}`;
}
