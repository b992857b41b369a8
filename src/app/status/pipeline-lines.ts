import type { PipelineLine } from "../../report/pipeline-list.ts";
import type { FilePipelines } from "../pipelines/file-pipelines.ts";
import { publishedAddress, type FoundStack } from "../stack/running.ts";

/** A line for each pipeline; an Airflow that does not answer in time leaves name and schedule. */
export async function readPipelineLines(of: {
  readonly found: FoundStack;
  readonly pipelines: Promise<FilePipelines | undefined>;
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
}): Promise<PipelineLine[]> {
  const { found, signal, timeoutMs } = of;
  const airflow = found.observed.containers.find(({ kind }) => kind === "airflow");
  const address = airflow && publishedAddress(airflow);
  const ofFile = await of.pipelines;
  if (!address && (ofFile?.pipelines ?? []).length === 0) return [];
  const [{ listPipelines }, { createSentTime }] = await Promise.all([
    import("../pipelines/list.ts"),
    import("../pipelines/broken-dags.ts"),
  ]);
  if (!address) return listPipelines(ofFile, undefined, signal);
  const { openAirflow } = await import("../../airflow/client.ts");
  const client = openAirflow(address);
  const sentAt = createSentTime(found.engine, airflow);
  const limit = AbortSignal.timeout(timeoutMs);
  try {
    return await listPipelines(ofFile, { client, sentAt }, AbortSignal.any([signal, limit]));
  } catch {
    signal.throwIfAborted();
    return await listPipelines(ofFile, undefined, signal);
  } finally {
    client.close();
  }
}
