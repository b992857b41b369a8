import { DpError } from "../errors.ts";
import type { Params } from "../pipeline/params.ts";
import type { RunState } from "../pipeline/result.ts";
import { pathOf, type AirflowClient } from "./client.ts";
import { listEntries } from "./list.ts";

/** A run of a DAG. */
export interface DagRun {
  readonly dag: string;
  readonly id: string;
  readonly state: RunState;
  /** `manual`, `scheduled`, … */
  readonly type: string;
  /** RFC 3339: when it was triggered, or its fire time. */
  readonly runAfter: string;
  readonly startedAt: string | null;
  readonly durationMs: number | null;
}

/** The last try of a task in a run. */
export interface TaskInstance {
  readonly task: string;
  /** Airflow's own: `running`, `up_for_retry`, …; null before it is scheduled. */
  readonly state: string | null;
  /** 0 before the first try. */
  readonly try: number;
  readonly maxTries: number;
  /** Epoch milliseconds. */
  readonly endedAt: number | undefined;
  readonly durationMs: number | null;
  /** -1 unless it is one of a mapped task. */
  readonly mapIndex: number;
}

interface RunAnswer {
  readonly dag_id: string;
  readonly dag_run_id: string;
  readonly state: "queued" | "running" | "success" | "failed";
  readonly run_type: string;
  readonly run_after: string;
  readonly start_date: string | null;
  readonly duration: number | null;
}

interface TaskAnswer {
  readonly task_id: string;
  readonly state: string | null;
  readonly try_number: number;
  readonly max_tries: number;
  readonly end_date: string | null;
  readonly duration: number | null;
  readonly map_index: number;
}

/** A clock that differs by less than this does no harm. */
const clockToleranceMs = 2000;

/** At most this many other runs of one DAG may have the logical date that is tried for a run. */
const mostDates = 1000;

/**
 * Starts a run, once: when the answer to an earlier attempt was lost, the run of that id is returned. Its
 * logical date is Airflow's present, since earlier than the DAG's start it would do nothing, or up to a
 * second later: only one run of a DAG may have a date. Throws DpError `airflow-failed`.
 */
export async function triggerRun(
  client: AirflowClient,
  run: { readonly dag: string; readonly id: string; readonly conf: Params; readonly now: Date },
  signal: AbortSignal,
): Promise<DagRun> {
  const { dag, id } = run;
  const aheadMs = client.clockAheadMs();
  const shiftMs = Math.abs(aheadMs) > clockToleranceMs ? aheadMs : 0;
  const path = pathOf("dags", dag, "dagRuns");
  for (let laterMs = 0; laterMs < mostDates; laterMs++) {
    const logicalDate = new Date(run.now.getTime() + shiftMs + laterMs).toISOString();
    const body = { dag_run_id: id, logical_date: logicalDate, conf: run.conf };
    const started = await client.create<RunAnswer>({ method: "POST", path, body, signal });
    if (started) return toRun(started);
    const known = await findRun(client, { dag, id }, signal);
    if (known) return known;
  }
  throw new DpError({
    code: "airflow-failed",
    message: `can't start a run of ${dag}`,
    why: `Airflow has runs of it for each of the ${mostDates} logical dates from ${run.now.toISOString()} on`,
    next: `dp pipeline runs ${dag}`,
  });
}

/** A run; undefined when there is none of that id. */
export async function findRun(
  client: AirflowClient,
  { dag, id }: { readonly dag: string; readonly id: string },
  signal: AbortSignal,
): Promise<DagRun | undefined> {
  const run = await client.find<RunAnswer>({ path: pathOf("dags", dag, "dagRuns", id), signal });
  return run && toRun(run);
}

export interface RunsQuery {
  /** Undefined for the runs of all. */
  readonly dag?: string;
  readonly state?: "queued" | "running";
  /** All runs when left out. */
  readonly limit?: number;
}

/** Runs, the latest first. */
export async function listRuns(
  client: AirflowClient,
  { dag = "~", state, limit }: RunsQuery,
  signal: AbortSignal,
): Promise<DagRun[]> {
  const runs = await listEntries<RunAnswer>(client, {
    path: pathOf("dags", dag, "dagRuns"),
    field: "dag_runs",
    query: { order_by: "-run_after", state },
    ...(limit === undefined ? {} : { limit }),
    signal,
  });
  // A run that starts meanwhile moves the others: the last one of a page comes again.
  return [...new Map(runs.map((run) => [`${run.dag_id} ${run.dag_run_id}`, toRun(run)])).values()];
}

/** What became of a run that was to end: Airflow was asked to, or it had ended before. */
export type Stopped =
  | { readonly kind: "asked" }
  | { readonly kind: "ended"; readonly state: RunState };

/**
 * Asks Airflow to end a run as failed: it stops the tasks that run at their next heartbeat. A run that has
 * ended keeps its state. Airflow takes the state of any run, and knows no condition, so that a run may
 * end just before it is marked: one whose tasks had all succeeded becomes a success again.
 */
export async function stopRun(
  client: AirflowClient,
  run: { readonly dag: string; readonly id: string },
  signal: AbortSignal,
): Promise<Stopped> {
  const found = await findRun(client, run, signal);
  if (found && isEnded(found)) return { kind: "ended", state: found.state };
  await markRun(client, { ...run, state: "failed" }, signal);
  // It was asked all the same.
  const tasks = await listTasks(client, run, signal).catch(() => []);
  const hadSucceeded = tasks.length > 0 && tasks.every(({ state }) => state === "success");
  if (!hadSucceeded) return { kind: "asked" };
  await markRun(client, { ...run, state: "success" }, signal);
  return { kind: "ended", state: "succeeded" };
}

function isEnded({ state }: DagRun): boolean {
  return state === "succeeded" || state === "failed";
}

async function markRun(
  client: AirflowClient,
  run: { readonly dag: string; readonly id: string; readonly state: "success" | "failed" },
  signal: AbortSignal,
): Promise<void> {
  const path = pathOf("dags", run.dag, "dagRuns", run.id);
  await client.call({ method: "PATCH", path, body: { state: run.state }, signal });
}

/** The tasks of a run with their last tries, in the order of their ids. */
export async function listTasks(
  client: AirflowClient,
  { dag, id }: { readonly dag: string; readonly id: string },
  signal: AbortSignal,
): Promise<TaskInstance[]> {
  const tasks = await listEntries<TaskAnswer>(client, {
    path: pathOf("dags", dag, "dagRuns", id, "taskInstances"),
    field: "task_instances",
    query: { order_by: "id" },
    signal,
  });
  return tasks.map((task) => ({
    task: task.task_id,
    state: task.state,
    try: task.try_number,
    maxTries: task.max_tries,
    endedAt: task.end_date === null ? undefined : Date.parse(task.end_date),
    durationMs: toMs(task.duration),
    mapIndex: task.map_index,
  }));
}

/** What the task returned last (for a step of dp's: its counts); undefined when it returned nothing. */
export async function findReturned(
  client: AirflowClient,
  of: { readonly dag: string; readonly run: string; readonly task: string },
  signal: AbortSignal,
): Promise<string | undefined> {
  const { dag, run, task } = of;
  const entry = await client.find<{ readonly value: unknown }>({
    path: pathOf("dags", dag, "dagRuns", run, "taskInstances", task, "xcomEntries", "return_value"),
    signal,
  });
  return typeof entry?.value === "string" ? entry.value : undefined;
}

function toRun(run: RunAnswer): DagRun {
  return {
    dag: run.dag_id,
    id: run.dag_run_id,
    state: run.state === "success" ? "succeeded" : run.state,
    type: run.run_type,
    runAfter: run.run_after,
    startedAt: run.start_date,
    durationMs: toMs(run.duration),
  };
}

function toMs(seconds: number | null): number | null {
  return seconds === null ? null : Math.round(seconds * 1000);
}
