import path from "node:path";
import type { Context } from "./context.ts";
import { childOf, entriesOf, textOf, type MapTree } from "./tree.ts";

const reasons: Readonly<Record<string, string>> = {
  version: "pipeline.yaml has no version of its format",
  networks: "all services are in the stack's network",
  configs: "services mount files: volumes: [./file:/path:ro]",
  secrets: "services mount files, or get ${NAME} from .env",
};

/** Notes the parts of a Compose file beside its services. */
export function noteTopLevel(top: MapTree, { notes }: Context): void {
  for (const [key, tree] of entriesOf(top)) {
    if (["name", "services"].includes(key) || key.startsWith("x-")) continue;
    const note = { service: undefined, at: tree.at };
    if (key !== "volumes") {
      notes.drop({ ...note, key, reason: reasons[key] ?? "unknown key" });
      continue;
    }
    for (const [name, volume] of entriesOf(tree)) {
      const isExternal = ![undefined, "false"].includes(textOf(childOf(volume, "external")));
      const reason = isExternal
        ? "dp does not use volumes of others: the service gets a new one"
        : "dp creates the volumes that services name; data of Compose is not copied";
      notes.drop({ ...note, key: `volumes.${name}`, at: volume.at, reason });
    }
  }
}

/** Notes the file that Compose merges into this one without being named. */
export function noteOverride(top: MapTree, { notes, around }: Context): void {
  const { dir, name } = path.parse(top.at.file);
  for (const extension of ["yml", "yaml"]) {
    const override = `${name}.override.${extension}`;
    if (around.kindOf(path.join(dir, override)) !== "file") continue;
    const reason = "Compose merges this file, and dp init reads one file: copy its lines";
    notes.check({ service: undefined, key: override, at: top.at, reason });
  }
}
