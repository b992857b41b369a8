import { dirname, join, relative, sep } from "node:path";
import { pipelineOfFile } from "../../airflow/dag.ts";
import { readText } from "../../config/find.ts";
import type { Stack } from "../../model/settings.ts";
import type { Host, SharedOptions } from "../request.ts";
import { loadFileOfStack } from "../stack/stack-file.ts";

/** The pipelines and custom DAGs of pipeline.yaml. */
export type FilePipelines = Pick<Stack, "file" | "pipelines" | "airflow">;

/**
 * Reads what pipeline.yaml says about pipelines; undefined without a file, and for one with mistakes.
 * The file is loaded only when it has pipelines or custom DAGs, because this takes longer than all of
 * `dp status`.
 */
export async function readFilePipelines(
  { host, shared }: { readonly host: Host; readonly shared: SharedOptions },
  file: string | undefined,
): Promise<FilePipelines | undefined> {
  if (file === undefined) return undefined;
  const text = await readText(file).catch(() => "");
  if (!/\b(pipelines|dags)\b/.test(text)) return { file, pipelines: [], airflow: undefined };
  try {
    const loaded = await loadFileOfStack(host, shared);
    return loaded.ok ? loaded.stack : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The path of a file in Airflow's folder of DAGs as the user knows it, relative to the folder of
 * pipeline.yaml. The file of a pipeline, and every file without a pipeline.yaml, keeps its path in
 * Airflow's folder.
 */
export function pathOfDag(
  path: string,
  ofFile:
    | { readonly file: string; readonly airflow: { readonly dags: string | undefined } | undefined }
    | undefined,
): string {
  const folder = ofFile?.airflow?.dags;
  if (ofFile === undefined || folder === undefined || pipelineOfFile(path) !== undefined) {
    return path;
  }
  return relative(dirname(ofFile.file), join(folder, path)).replaceAll(sep, "/");
}
