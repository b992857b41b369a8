import { memoryLimits, parseSize } from "../units.ts";
import type { Context } from "./context.ts";
import type { PlannedService } from "./plan.ts";
import { childOf, entriesOf, textOf, type Tree } from "./tree.ts";

/** The limits of a container, which Compose also has under `deploy`. */
export interface ContainerLimits {
  mem_limit?: string;
  cpus?: string;
}

/** Readers of the keys that limit a container. `limits` gets what they read. */
export function limitReaders(input: {
  readonly service: PlannedService;
  readonly context: Context;
  readonly limits: ContainerLimits;
  /** Only the containers of services have a limit of processors. */
  readonly cpus: "kept" | "dropped";
}): Readonly<Record<"mem_limit" | "deploy", (tree: Tree) => void>> {
  const { service, context, limits, cpus } = input;
  const { notes, values } = context;
  const readMemory = (tree: Tree, key: string): void => {
    const text = textOf(tree);
    if (text === undefined) return;
    const isReadable = parseSize(values.evaluate(text), memoryLimits) !== undefined;
    const at = { service: service.name, key, at: tree.at };
    if (isReadable) limits.mem_limit = values.convert({ ...at, text });
    else notes.drop({ ...at, reason: `"${text}" is not a size that dp reads, e.g. 512m` });
  };
  return {
    mem_limit: (tree) => readMemory(tree, "mem_limit"),
    deploy: (tree) => {
      const maximum = childOf(tree, "resources", "limits");
      for (const [key, part] of entriesOf(tree)) {
        if (key === "resources") continue;
        const reason = "not supported: dp runs one container of each service";
        notes.drop({ service: service.name, key: `deploy.${key}`, at: part.at, reason });
      }
      for (const [key, part] of entriesOf(childOf(tree, "resources"))) {
        if (key === "limits") continue;
        const reason = "not supported: dp sets limits only";
        notes.drop({ service: service.name, key: `deploy.resources.${key}`, at: part.at, reason });
      }
      for (const [key, part] of entriesOf(maximum)) {
        const name = `deploy.resources.limits.${key}`;
        const written = { service: service.name, key: name, at: part.at };
        if (key === "memory") readMemory(part, name);
        else if (key === "cpus" && cpus === "kept") {
          limits.cpus = values.convert({ ...written, text: textOf(part) ?? "" });
        } else if (key === "cpus") notes.drop({ ...written, reason: "only services have cpus" });
        else notes.drop({ ...written, reason: "not supported: write mem_limit and cpus" });
      }
    },
  };
}
