import type { PipelineLine } from "../../report/pipeline-list.ts";
import { readText } from "../../config/find.ts";
import type { Stack } from "../../model/settings.ts";
import type { Host, SharedOptions } from "../request.ts";
import { publishedAddress, type FoundStack } from "../stack/running.ts";
import { loadFileOfStack } from "../stack/stack-file.ts";

/** The pipelines that the file names; undefined without a file, or with one that has mistakes. */
export type FilePipelines = Stack["pipelines"] | undefined;

/** Reads the file only when it speaks of pipelines: checking it takes longer than all of `dp status`. */
export async function readFilePipelines(
  { host, shared }: { readonly host: Host; readonly shared: SharedOptions },
  file: string | undefined,
): Promise<FilePipelines> {
  if (file === undefined) return undefined;
  const text = await readText(file).catch(() => "");
  if (!/\bpipelines\b/.test(text)) return [];
  try {
    const loaded = await loadFileOfStack(host, shared);
    return loaded.ok ? loaded.stack.pipelines : undefined;
  } catch {
    return undefined;
  }
}

/** A line for each pipeline; an Airflow that does not answer in time leaves name and schedule. */
export async function readPipelineLines(of: {
  readonly found: FoundStack;
  readonly pipelines: Promise<FilePipelines>;
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
}): Promise<PipelineLine[]> {
  const { found, signal, timeoutMs } = of;
  const airflow = found.observed.containers.find(({ kind }) => kind === "airflow");
  const address = airflow && publishedAddress(airflow);
  const ofFile = await of.pipelines;
  if (!address && (ofFile ?? []).length === 0) return [];
  const { listPipelines } = await import("../pipelines/runs.ts");
  if (!address) return listPipelines(ofFile, undefined, signal);
  const { openAirflow } = await import("../../airflow/client.ts");
  const client = openAirflow(address);
  const limit = AbortSignal.timeout(timeoutMs);
  try {
    return await listPipelines(ofFile, client, AbortSignal.any([signal, limit]));
  } catch {
    signal.throwIfAborted();
    return await listPipelines(ofFile, undefined, signal);
  } finally {
    client.close();
  }
}
