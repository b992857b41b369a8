import type { Problem } from "../../stack/problem.ts";
import { circleOf } from "../rules/circle.ts";
import { resolveExtends, serviceNames, type ReadOther } from "./extends.ts";
import { childOf, entriesOf, textOf, type MapTree, type Place, type Tree } from "./tree.ts";

export interface ComposeService {
  readonly name: string;
  readonly tree: MapTree;
}

/** A Compose file whose `extends` are resolved. */
export interface ComposeProject {
  readonly top: MapTree;
  readonly services: readonly ComposeService[];
}

export type ReadProject =
  | { readonly ok: true; readonly project: ComposeProject }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** Checks what a Compose file must have, and resolves `extends`. */
export function readProject({
  top,
  readOther,
}: {
  top: MapTree;
  readOther: ReadOther;
}): ReadProject {
  const include = childOf(top, "include");
  if (include) {
    const hint = "copy the services of the included files into this file";
    return failure(include.at, { message: "include is not supported", hint });
  }
  const services = childOf(top, "services");
  const names = serviceNames(services);
  if (names.length === 0) {
    const at = services?.at ?? top.at;
    return failure(at, { message: "no services", hint: "name a Compose file with services" });
  }
  const resolved = names.map((name) => ({
    name,
    ...resolveExtends({ name, services, readOther }),
  }));
  const problems = resolved.flatMap((each) =>
    each.ok ? [] : [problemAt(each.at, { ...each, file: top.at.file })],
  );
  if (problems.length > 0) return { ok: false, problems };
  const all = resolved.flatMap((each) =>
    each.ok ? [{ name: each.name, tree: each.service }] : [],
  );
  const problem = misfitOf(all, top.at.file);
  return problem
    ? { ok: false, problems: [problem] }
    : { ok: true, project: { top, services: all } };
}

function misfitOf(services: readonly ComposeService[], file: string): Problem | undefined {
  const names = new Set(services.map(({ name }) => name));
  const needs = new Map(
    services.map(({ name, tree }) => [name, dependenciesOf(tree).map((each) => each.name)]),
  );
  for (const { name, tree } of services) {
    for (const dependency of dependenciesOf(tree)) {
      if (names.has(dependency.name) || !dependency.isRequired) continue;
      return problemAt(dependency.at, {
        file,
        message: `service "${dependency.name}", which "${name}" depends on, not found`,
        hint: "check the name in depends_on",
      });
    }
  }
  const circle = circleOf(needs);
  const [first, second] = circle;
  const from = services.find(({ name }) => name === first);
  const at = from && dependenciesOf(from.tree).find(({ name }) => name === second)?.at;
  if (!at) return undefined;
  return problemAt(at, {
    file,
    message: `services wait for each other in a cycle: ${circle.join(" depends on ")}`,
    hint: "remove one of these dependencies",
  });
}

export interface ComposeDependency {
  readonly name: string;
  readonly condition: string;
  readonly isRequired: boolean;
  readonly tree: Tree;
  readonly at: Place;
}

/** The list or the map of `depends_on`. */
export function dependenciesOf(service: MapTree): ComposeDependency[] {
  const tree = childOf(service, "depends_on");
  if (tree?.kind === "list") {
    return tree.items.flatMap((item) => {
      const name = textOf(item);
      if (name === undefined) return [];
      return [{ name, condition: "service_started", isRequired: true, tree: item, at: item.at }];
    });
  }
  return entriesOf(tree).map(([name, value]) => ({
    name,
    condition: textOf(childOf(value, "condition")) ?? "service_started",
    isRequired: textOf(childOf(value, "required")) !== "false",
    tree: value,
    at: value.at,
  }));
}

function failure(at: Place, text: { message: string; hint: string }): ReadProject {
  return { ok: false, problems: [problemAt(at, { ...text, file: at.file })] };
}

/** A problem at a place of `file`, or in a file that it extends, which the message names. */
function problemAt(
  at: Place,
  { message, hint, file }: { message: string; hint: string; file: string },
): Problem {
  const problem = { severity: "error" as const, path: [], hint };
  if (at.file !== file) return { ...problem, message: `${at.file}:${at.line}: ${message}` };
  return { ...problem, message, at: { line: at.line, column: at.column, length: 1 } };
}
