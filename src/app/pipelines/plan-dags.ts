import { pipelineOfFile } from "../../airflow/dag.ts";
import type { ChangeLine } from "../../stack/plan.ts";
import type { DagParts, DagState } from "./dag-state.ts";

/** What a deployment does to a pipeline, to a file of custom DAGs, or to a file that these may import, and why. */
export interface DagChange extends ChangeLine {
  readonly action: "create" | "change" | "remove";
  readonly object: "pipeline" | "dag" | "file";
  /** The pipeline, the path in the folder `airflow.dags`, or the path in the project. */
  readonly target: string;
  /** Relative to Airflow's folder of DAGs; undefined for a file outside of it. */
  readonly file: string | undefined;
}

/** A cause names at most this many files. */
const namedFiles = 3;

/** What `dp up` would change of the pipelines and custom DAGs; empty when all are deployed as they are. */
export function planDags(sent: DagState, wanted: DagState): DagChange[] {
  return [...planPipelines(sent, wanted), ...planOwn(sent, wanted), ...planImported(sent, wanted)];
}

function planPipelines(sent: DagState, wanted: DagState): DagChange[] {
  return compare(sent.dags, wanted.dags).map(({ path: file, action }) => {
    const target = pipelineOfFile(file) ?? file;
    const cause =
      action === "change"
        ? causeOfVersion(target, sent.parts, wanted.parts)
        : action === "create"
          ? "not deployed yet"
          : "no longer in pipeline.yaml";
    return { action, object: "pipeline", target, cause, file };
  });
}

const causesOfFiles = {
  create: "not deployed yet",
  change: "content changed",
  remove: "no longer in the folder",
} as const;

function planOwn(sent: DagState, wanted: DagState): DagChange[] {
  return compare(sent.own, wanted.own).map(({ path, action }) => ({
    action,
    object: "dag",
    target: path,
    cause: causesOfFiles[action],
    file: path,
  }));
}

/** Custom DAGs can import all files of the project. Those that come with the first DAG are no change of their own. */
function planImported(sent: DagState, wanted: DagState): DagChange[] {
  const folder = wanted.parts?.ownFolder;
  const isFirst = Object.keys(sent.own).length === 0 || sent.parts === undefined;
  if (isFirst || folder === undefined || Object.keys(wanted.own).length === 0) return [];
  const inside = folder === "" ? "" : `${folder}/`;
  return compare(sent.parts.files, wanted.parts?.files ?? {})
    .filter(({ path }) => !path.startsWith(inside))
    .map(({ path, action }) => ({
      action,
      object: "file",
      target: path,
      cause: causesOfFiles[action],
      file: undefined,
    }));
}

/** All pipelines share one version of the code, so that a change of one file changes each of them. */
function causeOfVersion(
  pipeline: string,
  sent: DagParts | undefined,
  wanted: DagParts | undefined,
): string {
  if (sent === undefined || wanted === undefined || sent.runtime !== wanted.runtime) {
    return "deployed by another version of dp";
  }
  const isOwn = sent.pipelines[pipeline] !== wanted.pipelines[pipeline];
  const files = compare(sent.files, wanted.files).map(
    ({ path, action }) => `${path} ${pastOf[action]}`,
  );
  const more = files.length - namedFiles;
  const causes = [
    ...(isOwn ? ["changed in pipeline.yaml"] : []),
    ...files.slice(0, namedFiles),
    ...(more > 0 ? [`${more} more ${more === 1 ? "file" : "files"}`] : []),
  ];
  return causes.length > 0 ? causes.join(", ") : "pipeline.yaml or its variables changed";
}

const pastOf = { create: "added", change: "changed", remove: "removed" } as const;

type Hashes = Readonly<Record<string, string>>;

/** What differs, in the order of the wanted ones; what is gone comes last. */
function compare(
  before: Hashes,
  after: Hashes,
): { readonly path: string; readonly action: DagChange["action"] }[] {
  const made = Object.keys(after)
    .filter((path) => before[path] !== after[path])
    .map((path) => ({ path, action: Object.hasOwn(before, path) ? "change" : "create" }) as const);
  const gone = Object.keys(before)
    .filter((path) => !Object.hasOwn(after, path))
    .map((path) => ({ path, action: "remove" }) as const);
  return [...made, ...gone];
}
