import { pipelineOfFile } from "../../airflow/dag.ts";
import { isOfDp, listDags, type ImportError, type KnownDag } from "../../airflow/dags.ts";
import { listRuns } from "../../airflow/runs.ts";
import type { PipelineLine, RunLine } from "../../report/pipeline-list.ts";
import { listCurrentErrors, toBrokenDag, type DeployedAirflow } from "./broken-dags.ts";
import { pathOfDag, type FilePipelines } from "./file-pipelines.ts";
import { toRunLine } from "./runs.ts";

/** As many as Airflow gives at once: the last run of most DAGs is among them. */
const recentCount = 100;

/**
 * The pipelines of the file (undefined without one: those that Airflow has of dp's), then the custom DAGs
 * that Airflow has or can't load; without Airflow the first only. Three calls, and one for each DAG that
 * has not run for long.
 */
export async function listPipelines(
  ofFile: FilePipelines | undefined,
  airflow: DeployedAirflow | undefined,
  signal: AbortSignal,
): Promise<PipelineLine[]> {
  if (!airflow) return toPipelineLines({ ofFile, dags: [], errors: [] });
  const { client } = airflow;
  const errors = await listCurrentErrors(airflow, signal);
  const [dags, recent] = await Promise.all([
    listDags(client, signal),
    listRuns(client, { limit: recentCount }, signal),
  ]);
  const lastRun = async (id: string): Promise<RunLine | null> => {
    const last = recent.find(({ dag }) => dag === id);
    if (last) return toRunLine(last);
    if (recent.length < recentCount) return null;
    const [older] = await listRuns(client, { dag: id, limit: 1 }, signal);
    return older ? toRunLine(older) : null;
  };
  return Promise.all(
    toPipelineLines({ ofFile, dags, errors }).map(async (line) => {
      const isKnown = dags.some((dag) => isOfLine(dag, line));
      return { ...line, lastRun: isKnown ? await lastRun(line.pipeline) : null };
    }),
  );
}

function isOfLine(dag: KnownDag, { pipeline, from }: PipelineLine): boolean {
  return dag.id === pipeline && isOfDp(dag) === (from === "file");
}

/** The lines without their last runs. A file that Airflow never loaded has its path as name. */
export function toPipelineLines(known: {
  readonly ofFile: Pick<FilePipelines, "file" | "pipelines" | "airflow"> | undefined;
  readonly dags: readonly KnownDag[];
  readonly errors: readonly ImportError[];
}): PipelineLine[] {
  const { ofFile, dags, errors } = known;
  const present = dags.filter(({ stale }) => !stale);
  const pipelines =
    ofFile?.pipelines ?? present.filter(isOfDp).map(({ id, schedule }) => ({ name: id, schedule }));
  const names = new Set(pipelines.map(({ name }) => name));
  const own = dags.filter((dag) => {
    const isBroken = errors.some(({ file }) => file === dag.file) && isLatestOfFile(dag, dags);
    return (!dag.stale || isBroken) && !names.has(dag.id) && !isOfDp(dag);
  });
  const toLine = (
    named: Pick<PipelineLine, "pipeline" | "from" | "schedule">,
    dag: KnownDag | undefined,
    error: ImportError | undefined,
  ): PipelineLine => ({
    ...named,
    paused: dag?.paused ?? false,
    lastRun: null,
    nextRun: error === undefined ? (dag?.nextRun ?? null) : null,
    broken: error === undefined ? null : toBrokenDag(error, ofFile),
  });
  const neverLoaded = errors.filter(
    ({ file }) => !own.some((dag) => dag.file === file) && !names.has(pipelineOfFile(file) ?? ""),
  );
  return [
    ...pipelines.map(({ name, schedule = null }) => {
      const dag = dags.find((one) => one.id === name && isOfDp(one));
      const error = errors.find(({ file }) => pipelineOfFile(file) === name);
      return toLine({ pipeline: name, from: "file", schedule }, dag, error);
    }),
    ...own.map((dag) => {
      const error = errors.find(({ file }) => file === dag.file);
      return toLine({ pipeline: dag.id, from: "airflow", schedule: dag.schedule }, dag, error);
    }),
    ...neverLoaded.map((error) => {
      const pipeline = pathOfDag(error.file, ofFile);
      return toLine({ pipeline, from: "airflow", schedule: null }, undefined, error);
    }),
  ];
}

/** Airflow stores all DAGs of a file in the same moment. */
const togetherMs = 1000;

/** Whether a DAG was in its file when Airflow could load the file for the last time. */
function isLatestOfFile(dag: KnownDag, dags: readonly KnownDag[]): boolean {
  const ofFile = dags.filter(({ file }) => file === dag.file);
  return Math.max(...ofFile.map(({ parsedAt }) => parsedAt)) - dag.parsedAt < togetherMs;
}
