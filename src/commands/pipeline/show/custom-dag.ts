import { basename } from "node:path";
import { isOfDp, listDags } from "../../../airflow/dags.ts";
import { listDagTasks, readDagDetails } from "../../../airflow/dag-details.ts";
import { importFailure } from "../../../airflow/import-errors.ts";
import { listRuns } from "../../../airflow/runs.ts";
import type { RunningAirflow } from "../../../app/pipelines/airflow.ts";
import { listCurrentErrors } from "../../../app/pipelines/broken-dags.ts";
import { pathOfDag } from "../../../app/pipelines/file-pipelines.ts";
import { toPipelineLines } from "../../../app/pipelines/list.ts";
import { lastRunCount, toRunLine } from "../../../app/pipelines/runs.ts";
import { unknownPipeline } from "../../../app/pipelines/target.ts";
import type { Stack } from "../../../model/settings.ts";
import type { CustomDag } from "../../../report/custom-dag.ts";

/**
 * A custom DAG as Airflow has it, with its last runs. Throws DpError `unknown-pipeline`, and
 * `airflow-failed` for a file with this name that was never loaded.
 */
export async function readCustomDag(of: {
  readonly airflow: RunningAirflow;
  readonly stack: Stack;
  readonly name: string;
  readonly signal: AbortSignal;
}): Promise<CustomDag> {
  const { airflow, stack, name, signal } = of;
  const { client } = airflow;
  const errors = await listCurrentErrors(airflow, signal);
  const dags = await listDags(client, signal);
  const lines = toPipelineLines({ ofFile: stack, dags, errors });
  const line = lines.find(({ pipeline, from }) => pipeline === name && from === "airflow");
  const dag = dags.find(({ id }) => id === name);
  if (!line || !dag || isOfDp(dag)) {
    const sameName = errors.filter(({ file }) =>
      [file, pathOfDag(file, stack), basename(file, ".py")].includes(name),
    );
    if (sameName.length > 0) {
      throw importFailure(sameName, stack.airflow?.dags ?? "");
    }
    throw unknownPipeline(
      name,
      lines.map(({ pipeline }) => pipeline),
    );
  }
  const [details, tasks, runs] = await Promise.all([
    readDagDetails(client, name, signal),
    listDagTasks(client, name, signal),
    listRuns(client, { dag: name, limit: lastRunCount }, signal),
  ]);
  const { schedule, paused, nextRun, broken } = line;
  return {
    name,
    from: "airflow",
    file: pathOfDag(dag.file, stack),
    ...details,
    schedule,
    paused,
    nextRun,
    broken,
    tasks,
    runs: runs.map(toRunLine),
  };
}
