import type { Context } from "./context.ts";
import type { Setting } from "./draft.ts";
import { isUrl, type PlannedService } from "./plan.ts";
import { dependenciesOf, type ComposeDependency } from "./project.ts";
import { childOf, entriesOf, textOf } from "./tree.ts";

/** `depends_on` of a service: the names and conditions that dp has. */
export function convertDependencies(input: {
  readonly service: PlannedService;
  readonly all: readonly PlannedService[];
  readonly context: Context;
}): Setting | undefined {
  const { service, all, context } = input;
  const conditions = new Map<string, string>();
  for (const dependency of dependenciesOf(service.tree)) {
    const note = { service: service.name, key: `depends_on.${dependency.name}`, at: dependency.at };
    for (const [key, tree] of entriesOf(dependency.tree)) {
      if (key === "condition" || (key === "required" && textOf(tree) === "true")) continue;
      const reason = "dp has conditions only";
      context.notes.drop({ ...note, key: `${note.key}.${key}`, at: tree.at, reason });
    }
    const target = all.find(({ name }) => name === dependency.name);
    const name = target && nameOf(target, all);
    if (!target || name === undefined) {
      const reason = `${dependency.name} is not in pipeline.yaml`;
      context.notes.drop({ ...note, reason });
      continue;
    }
    if (target.profiles.some((profile) => !service.profiles.includes(profile))) {
      context.notes.drop({ ...note, reason: `${name} is in a profile only` });
      continue;
    }
    const condition = conditionOf({ dependency, target, all });
    if (name !== dependency.name) {
      context.notes.change({ ...note, reason: `the dependency is ${name}` });
    }
    if (target.kind === "service" && condition !== dependency.condition) {
      const reason = `${name} has no healthcheck in pipeline.yaml: the condition is ${condition}`;
      context.notes.change({ ...note, reason });
    }
    // A service that waits for two containers of one section waits for the stricter condition.
    if (conditions.get(name) !== "service_healthy") conditions.set(name, condition);
  }
  if (conditions.size === 0) return undefined;
  const isPlain = [...conditions.values()].every((condition) => condition === "service_started");
  if (isPlain) return [...conditions.keys()];
  return Object.fromEntries([...conditions].map(([name, condition]) => [name, { condition }]));
}

/** The name of a service in pipeline.yaml; undefined for one that is not in pipeline.yaml. */
function nameOf(target: PlannedService, all: readonly PlannedService[]): string | undefined {
  if (target.isAirflowOnly || isLeftOut(target)) return undefined;
  if (target.kind === "buckets") return all.find(({ kind }) => kind === "s3")?.newName;
  return target.newName;
}

/** A service that has no source of an image that dp can use. */
export function isLeftOut({ kind, tree }: Pick<PlannedService, "kind" | "tree">): boolean {
  if (kind !== "service" || childOf(tree, "image")) return false;
  const build = childOf(tree, "build");
  const context = textOf(build) ?? textOf(childOf(build, "context"));
  return !build || isUrl(context ?? "");
}

function conditionOf(input: {
  readonly dependency: ComposeDependency;
  readonly target: PlannedService;
  readonly all: readonly PlannedService[];
}): string {
  const { dependency, target, all } = input;
  const { condition } = dependency;
  if (target.kind !== "service") {
    return condition === "service_started" ? condition : "service_healthy";
  }
  if (condition !== "service_healthy") return condition;
  const hasCheck = childOf(target.tree, "healthcheck", "test") !== undefined;
  return hasCheck && !isOneShot(target, all) ? condition : "service_started";
}

/** Whether another service waits until this one has completed. */
export function isOneShot({ name }: PlannedService, all: readonly PlannedService[]): boolean {
  return all.some(({ tree }) =>
    dependenciesOf(tree).some(
      (each) => each.name === name && each.condition === "service_completed_successfully",
    ),
  );
}
