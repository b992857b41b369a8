import type { AirflowClient } from "../../airflow/client.ts";
import { isOfDp, listDags, type KnownDag } from "../../airflow/dags.ts";
import { findRun, listRuns, type DagRun } from "../../airflow/runs.ts";
import { DpError } from "../../errors.ts";
import type { PipelineLine, RunLine } from "../../report/pipeline-list.ts";
import type { Pipeline } from "../../model/pipelines.ts";
import type { Stack } from "../../model/settings.ts";
import type { Host, SharedOptions } from "../request.ts";
import { airflowContainer, withAirflow } from "./airflow.ts";
import { unknownPipeline } from "./target.ts";
import { findStack } from "../stack/running.ts";

export function toRunLine(dagRun: DagRun): RunLine {
  const { id: run, state, type, runAfter, startedAt, durationMs } = dagRun;
  return { run, state, type, runAfter, startedAt, durationMs };
}

/** As many as Airflow gives at once: the last run of most DAGs is among them. */
const recentCount = 100;

/**
 * The pipelines of the file (undefined without one: those that Airflow has of dp's), then the hand-written
 * DAGs that Airflow has; without Airflow the first only. Two calls, and one for each DAG that has not run
 * for long.
 */
export async function listPipelines(
  ofFile: readonly Pick<Pipeline, "name" | "schedule">[] | undefined,
  client: AirflowClient | undefined,
  signal: AbortSignal,
): Promise<PipelineLine[]> {
  const [dags, recent] = client
    ? await Promise.all([
        listDags(client, signal),
        listRuns(client, { limit: recentCount }, signal),
      ])
    : [[], []];
  const lastRun = async (id: string): Promise<RunLine | null> => {
    const last = recent.find(({ dag }) => dag === id);
    if (last) return toRunLine(last);
    if (!client || recent.length < recentCount) return null;
    const [older] = await listRuns(client, { dag: id, limit: 1 }, signal);
    return older ? toRunLine(older) : null;
  };
  const present = dags.filter(({ stale }) => !stale);
  const pipelines =
    ofFile ?? present.filter(isOfDp).map(({ id, schedule }) => ({ name: id, schedule }));
  const names = new Set(pipelines.map(({ name }) => name));
  const own = present.filter((dag) => !names.has(dag.id) && !isOfDp(dag));
  const find = (name: string): KnownDag | undefined =>
    dags.find((dag) => dag.id === name && isOfDp(dag));
  return Promise.all([
    ...pipelines.map(async ({ name, schedule }): Promise<PipelineLine> => {
      const dag = find(name);
      return {
        pipeline: name,
        from: "file",
        schedule: schedule ?? null,
        paused: dag?.paused ?? false,
        lastRun: dag ? await lastRun(name) : null,
        nextRun: dag?.nextRun ?? null,
      };
    }),
    ...own.map(async (dag): Promise<PipelineLine> => ({
      pipeline: dag.id,
      from: "airflow",
      schedule: dag.schedule,
      paused: dag.paused,
      lastRun: await lastRun(dag.id),
      nextRun: dag.nextRun,
    })),
  ]);
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

/** Enough to see how it goes. */
const lastRunCount = 3;

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
