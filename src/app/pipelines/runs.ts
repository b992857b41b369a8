import type { AirflowClient } from "../../airflow/client.ts";
import { listDags } from "../../airflow/dags.ts";
import { findRun, listRuns, type DagRun } from "../../airflow/runs.ts";
import { DpError } from "../../errors.ts";
import type { RunLine } from "../../report/pipeline-list.ts";
import type { Stack } from "../../model/settings.ts";
import type { Host, SharedOptions } from "../request.ts";
import { airflowContainer, withAirflow } from "./airflow.ts";
import { unknownPipeline } from "./target.ts";
import { findStack } from "../stack/running.ts";

export function toRunLine(dagRun: DagRun): RunLine {
  const { id: run, state, type, runAfter, startedAt, durationMs } = dagRun;
  return { run, state, type, runAfter, startedAt, durationMs };
}

export interface RunsOf {
  readonly client: AirflowClient;
  readonly stack: Stack;
  readonly name: string;
  readonly signal: AbortSignal;
}

/** Runs of a pipeline or hand-written DAG, the latest first. Throws DpError `unknown-pipeline`. */
export async function runsOf(
  { client, stack, name, signal }: RunsOf,
  query: { readonly limit?: number; readonly state?: "queued" | "running" },
): Promise<DagRun[]> {
  const dags = await listDags(client, signal);
  if (dags.some(({ id }) => id === name)) return listRuns(client, { ...query, dag: name }, signal);
  if (stack.pipelines.some((pipeline) => pipeline.name === name)) return [];
  const known = dags.filter(({ stale }) => !stale).map(({ id }) => id);
  throw unknownPipeline(name, [...new Set([...stack.pipelines.map((one) => one.name), ...known])]);
}

/** The run of that id, or the last one. Throws DpError `unknown-run` where there is none. */
export async function requireRun(of: RunsOf, id: string | undefined): Promise<DagRun> {
  const [last] = await runsOf(of, { limit: 1 });
  const { client, name, signal } = of;
  const run = id === undefined ? last : await findRun(client, { dag: name, id }, signal);
  if (run) return run;
  throw new DpError({
    code: "unknown-run",
    message: id === undefined ? `${name} has no run` : `${name} has no run ${id}`,
    next: id === undefined ? `dp pipeline run ${name}` : `dp pipeline runs ${name}`,
  });
}

/** How many runs `dp pipeline show` lists. */
export const lastRunCount = 10;

/** The last runs, as far as there is an Airflow that runs; none otherwise. */
export async function findLastRuns(of: {
  readonly host: Host;
  readonly shared: SharedOptions;
  readonly stack: Stack;
  readonly name: string;
  readonly signal: AbortSignal;
}): Promise<RunLine[]> {
  const { host, shared, stack, name, signal } = of;
  if (!stack.airflow) return [];
  try {
    const found = await findStack(host, shared);
    if (!airflowContainer(found.observed)) return [];
    const runs = await withAirflow(found, ({ client }) =>
      runsOf({ client, stack, name, signal }, { limit: lastRunCount }),
    );
    return runs.map(toRunLine);
  } catch (thrown) {
    // What is shown is the file's; whether an engine answers does not matter for that.
    if (thrown instanceof DpError && !signal.aborted) return [];
    throw thrown;
  }
}
