import { ownFolderAt } from "../rules/volumes.ts";
import { convertPath, type Context } from "./context.ts";
import type { PlannedService } from "./plan.ts";
import { convertVolumes } from "./service-files.ts";
import { childOf, itemsOf, splitAtColons, textOf, type Tree } from "./tree.ts";

export interface AirflowFolders {
  /** The folder of DAGs, relative to the folder of pipeline.yaml. */
  dags: string | undefined;
  /** In the short form, each with a path of its own in the container. */
  readonly volumes: string[];
}

/** Adds what a container of Airflow mounts: the folder of DAGs, and volumes for the rest. */
export function readVolumes(
  tree: Tree,
  input: {
    readonly service: PlannedService;
    readonly context: Context;
    readonly found: AirflowFolders;
  },
): void {
  const { service, context, found } = input;
  const others = itemsOf(tree).filter((item) => {
    const { source, target } = readItem(item);
    if (/\/dags\/?$/.test(target)) {
      const converted = convertPath(context, { text: source, at: item.at });
      if (converted?.kind === "folder") {
        found.dags ??= converted.path;
        return false;
      }
    }
    const reason = describeUseless({ source, target });
    const note = { service: service.name, key: `volumes ${target}`, at: item.at };
    if (reason !== undefined) context.notes.drop({ ...note, reason });
    return reason === undefined;
  });
  const volumes = convertVolumes(
    { kind: "list", items: others, at: tree.at },
    { service, context },
  );
  for (const volume of Array.isArray(volumes) ? volumes : []) {
    const targetOf = (text: string): string | undefined => splitAtColons(text)[1];
    const isNew = found.volumes.every((known) => targetOf(known) !== targetOf(`${volume}`));
    if (isNew) found.volumes.push(`${volume}`);
  }
}

function readItem(item: Tree): { readonly source: string; readonly target: string } {
  if (item.kind === "map") {
    const text = (key: string) => textOf(childOf(item, key)) ?? "";
    return { source: text("source"), target: text("target") };
  }
  const [source = "", target = ""] = splitAtColons(textOf(item) ?? "");
  return { source, target };
}

/** Why a volume of Airflow has no counterpart; undefined for one that has. */
function describeUseless(volume: {
  readonly source: string;
  readonly target: string;
}): string | undefined {
  const { source, target } = volume;
  if (/\/dags\/?$/.test(target)) {
    return `${source} is missing, or outside the folder of pipeline.yaml`;
  }
  if (/\/logs\/?$/.test(target)) return "dp keeps the logs of Airflow in its own volume";
  if (/requirements[\w.-]*\.txt$/.test(target)) {
    return "the packages are in airflow.requirements";
  }
  if (source === "data") return "dp's Airflow has a volume of this name: choose another one";
  const own = ownFolderAt(target);
  return own && `dp uses ${own.folder} itself: ${own.hint}`;
}
