import type { Engine } from "../docker/connect.ts";
import { findBusyPorts, findFreePorts } from "../docker/ports.ts";
import type {
  Observed,
  Plan,
  ReadinessGroup,
  ResolvedImage,
  SettledStack,
  Stack,
} from "../stack/model.ts";
import { planStack } from "../stack/plan.ts";
import { expandServices, selectGroups } from "../stack/select.ts";
import { containersOf, readinessOf } from "../stack/services.ts";
import { autoPortCount, settle } from "../stack/settle.ts";

export interface PlanRequest {
  readonly engine: Engine;
  readonly stack: Stack;
  readonly observed: Observed;
  readonly image: ResolvedImage;
  /** Words of the command line; none means the whole stack. */
  readonly services: readonly string[];
  readonly recreate: readonly string[];
}

export interface Planned {
  readonly settled: SettledStack;
  readonly groups: readonly ReadinessGroup[];
  readonly plan: Plan;
  /** Host ports that the plan will bind, and that no container of the stack holds now. */
  readonly newPorts: readonly number[];
}

/** settle → services → reconcile → plan. Changes nothing. */
export async function planUp(request: PlanRequest): Promise<Planned> {
  const { engine, stack, observed, image, services, recreate } = request;
  const heldPorts = new Set(
    observed.containers
      .filter(({ state }) => state === "running" || state === "paused")
      .flatMap(({ ports }) => ports.map(({ hostPort }) => hostPort)),
  );
  const kept = observed.containers.flatMap(({ ports }) => ports.map(({ hostPort }) => hostPort));
  const settled = settle({
    stack,
    observed,
    image,
    freePorts: await findFreePorts(autoPortCount(stack)),
    busyPorts: engine.remote
      ? new Set()
      : await findBusyPorts(kept.filter((port) => !heldPorts.has(port))),
  });
  const specs = containersOf(settled);
  const groups = selectGroups(services, readinessOf(settled));
  const plan = planStack({
    project: stack.name,
    specs,
    groups,
    observed,
    recreate: expandServices(
      recreate,
      specs.map(({ service }) => service),
    ),
  });
  const bound = specs
    .filter(({ service }) => plan.ops.some((op) => op.id === `start:${service}`))
    .flatMap(({ ports }) => ports.map(({ hostPort }) => hostPort));
  return { settled, groups, plan, newPorts: bound.filter((port) => !heldPorts.has(port)) };
}
