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
