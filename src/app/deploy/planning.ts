import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Engine } from "../../docker/engine/connect.ts";
import { observeStack } from "../../docker/stack/observe.ts";
import { findPortsLike } from "../../docker/stack/ports.ts";
import { findTakenPorts, heldPorts } from "../../docker/stack/taken-ports.ts";
import { templatePath } from "../../assets.ts";
import { DpError, messageOf } from "../../errors.ts";
import { realPathOf } from "../../files/real-path.ts";
import { readRegularFile } from "../../files/regular-file.ts";
import { normalizeText } from "../../files/text.ts";
import type {
  ContainerSpec,
  Observed,
  ReadinessGroup,
  ResolvedImage,
} from "../../model/containers.ts";
import type { SettledStack } from "../../model/settled.ts";
import type { Plan } from "../../stack/plan-model.ts";
import type { Stack } from "../../model/settings.ts";
import { describeOwner, withMountsOf } from "../../stack/owner.ts";
import { planStack } from "../../stack/plan.ts";
import { expandServices, selectGroups } from "../../stack/select.ts";
import { containersOf, readinessOf } from "../../stack/services.ts";
import { preferredPorts, settle, type StackTexts } from "../../stack/settle.ts";
import { assertNoStepBinds } from "../../stack/step-binds.ts";
import { needsRunner } from "../../stack/step-container.ts";
import { placementsOf } from "./placements.ts";

export interface PlanRequest {
  readonly engine: Engine;
  readonly stack: Stack;
  readonly observed: Observed;
  /** By key (see imageNeeds). */
  readonly images: ReadonlyMap<string, ResolvedImage>;
  /** Words of the command line; none means the whole stack. */
  readonly services: readonly string[];
  readonly recreate: readonly string[];
  /** Path of the engine's socket on its machine, for a step runner. */
  readonly engineSocket: string | undefined;
  readonly signal: AbortSignal;
}

export interface Planned {
  /** The observation that the plan was made of: a later one than the request's when a port was in doubt. */
  readonly observed: Observed;
  readonly settled: SettledStack;
  readonly groups: readonly ReadinessGroup[];
  readonly plan: Plan;
  /** All host ports of the stack. */
  readonly ports: readonly number[];
  /** Those that the plan will bind, and that no container of the stack holds now. */
  readonly newPorts: readonly number[];
}

/** settle → services → reconcile → plan. Changes nothing. */
export async function planUp(request: PlanRequest): Promise<Planned> {
  const { engine, stack, images, services, recreate, signal } = request;
  const { observed, taken } = engine.remote
    ? { observed: request.observed, taken: new Set<number>() }
    : await findTakenPorts(request.observed, () => observeStack(engine, stack.name, signal));
  const settled = settle({
    stack,
    observed,
    images,
    texts: await readTexts(stack),
    engineSocket: request.engineSocket,
    freePorts: await findPortsLike(preferredPorts(stack)),
    busyPorts: taken,
  });
  const specs = specsOf(settled, observed);
  if (engine.remote) {
    refuseBinds(specs);
    assertNoStepBinds(stack);
  }
  const groups = selectGroups(services, readinessOf(settled));
  const placements = await placementsOf(stack, observed);
  const plan = planStack({
    project: stack.name,
    specs,
    groups,
    observed,
    recreate: expandServices(
      recreate,
      specs.map(({ service }) => service),
    ),
    ...(placements && { placements }),
  });
  const bound = specs
    .filter(({ service }) => plan.ops.some((op) => op.id === `start:${service}`))
    .flatMap(({ ports }) => ports.map(({ hostPort }) => hostPort));
  const held = heldPorts(observed);
  return {
    observed,
    settled,
    groups,
    plan,
    ports: specs.flatMap(({ ports }) => ports.map(({ hostPort }) => hostPort)),
    newPorts: bound.filter((port) => !held.has(port)),
  };
}

/** Whether a group is among those to bring up. */
export function includesGroup({ groups }: Pick<Planned, "groups">, group: string): boolean {
  return groups.some(({ name }) => name === group);
}

function specsOf(settled: SettledStack, observed: Observed): readonly ContainerSpec[] {
  const { file } = settled;
  const specs = containersOf(settled);
  const owner = describeOwner(observed);
  const isSameFile = owner !== undefined && realPathOf(owner.file) === realPathOf(file);
  return isSameFile && owner.file !== file ? withMountsOf(owner, file, specs) : specs;
}

/** What containers get of this machine's files. Throws DpError `io-failed`. */
export async function readTexts(stack: Stack): Promise<StackTexts> {
  const { airflow, stores } = stack;
  const scripts = stores.flatMap((store) => (store.type === "postgres" ? store.init : []));
  const [airflowStarter, ...contents] = await Promise.all([
    airflow ? readText(templatePath("airflow/dpstart.py")) : "",
    ...scripts.map(readText),
  ]);
  return {
    airflowStarter: airflowStarter ?? "",
    runnerModules: needsRunner(stack) ? await readRunnerModules() : new Map(),
    initScripts: new Map(
      scripts.map((path, index) => [path, normalizeText(contents[index] ?? "")]),
    ),
  };
}

async function readRunnerModules(): Promise<ReadonlyMap<string, string>> {
  const folder = templatePath("runner/dp_runner");
  const names = (await readdir(folder)).filter((name) => name.endsWith(".py")).toSorted();
  return new Map(
    await Promise.all(
      names.map(async (name) => [name, await readText(join(folder, name))] as const),
    ),
  );
}

async function readText(path: string): Promise<string> {
  try {
    return (await readRegularFile(path)).toString();
  } catch (thrown) {
    throw new DpError({
      code: "io-failed",
      message: `can't read ${path}`,
      why: messageOf(thrown),
      cause: thrown,
    });
  }
}

function refuseBinds(specs: readonly ContainerSpec[]): void {
  const spec = specs.find(({ binds }) => binds.length > 0);
  if (!spec) return;
  throw new DpError({
    code: "refused",
    message: `${spec.service} mounts ${spec.binds[0]?.source}, which the engine can't see`,
    why: "the engine is on another machine",
    next: "copy the files in the service's Dockerfile (`build:`), or use a named volume",
  });
}
