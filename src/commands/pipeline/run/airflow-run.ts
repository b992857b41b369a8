import { timeoutSignal } from "../../../async/with-timeout.ts";
import { findReturned, stopRun, triggerRun, type TaskInstance } from "../../../airflow/runs.ts";
import { followRun, type FollowedRun, type RunEvent } from "../../../airflow/follow.ts";
import { stepStateOf } from "../../../airflow/states.ts";
import { watchExits } from "../../../docker/stack/exits.ts";
import { DpError, messageOf } from "../../../errors.ts";
import type { Params } from "../../../pipeline/params.ts";
import {
  noCounts,
  parseCounts,
  type RunResult,
  type StepResult,
} from "../../../pipeline/result.ts";
import type { Report } from "../../../report/choose.ts";
import type { Pipeline } from "../../../model/pipelines.ts";
import type { RunningAirflow } from "../../../app/pipelines/airflow.ts";
import { createRunProgress, failuresOf, type RunProgress } from "./progress.ts";

export interface AirflowRunInput {
  readonly airflow: RunningAirflow;
  /** The DAG's id. */
  readonly name: string;
  /** Undefined for a DAG written by hand. */
  readonly pipeline: Pipeline | undefined;
  /** The run's id. */
  readonly run: string;
  readonly report: Report;
  /** Ctrl-C: ends the run. */
  readonly signal: AbortSignal;
  /** Milliseconds to wait for the end; the run goes on after it. */
  readonly timeoutMs: number | undefined;
}

/** Starts a run; it goes on by itself. */
export async function startAirflowRun(input: AirflowRunInput, conf: Params): Promise<void> {
  const { airflow, name, run, signal } = input;
  try {
    await triggerRun(airflow.client, { dag: name, id: run, conf, now: new Date() }, signal);
  } catch (thrown) {
    throw signal.aborted ? await cancelled(input) : thrown;
  }
}

/**
 * Follows a run to its end, told as it goes. Throws DpError when that can't be found out: Airflow's
 * container stopped, or it takes longer than the limit. Ctrl-C asks Airflow to end the run.
 */
export async function followAirflowRun(input: AirflowRunInput): Promise<RunResult> {
  const { airflow, name, pipeline, run, report, signal, timeoutMs } = input;
  const progress = createRunProgress(report.emit, (line) => parseCounts(line) !== undefined);
  const exits = watchExits(airflow.docker);
  exits.watch({ service: airflow.observed.service, name: airflow.observed.name, exitIs: "exited" });
  const limit = timeoutMs === undefined ? undefined : timeoutSignal(timeoutMs);
  const stops = [signal, exits.signal, ...(limit ? [limit] : [])];
  try {
    const followed = await followRun({
      client: airflow.client,
      dag: name,
      run,
      onEvent: (event) => tell({ event, pipeline, progress, report }),
      signal: AbortSignal.any(stops),
    });
    return await resultOf({ input, followed, progress });
  } catch (thrown) {
    if (signal.aborted) throw await cancelled(input);
    if (limit?.aborted === true && thrown === limit.reason) throw tookTooLong(input);
    throw unknownEnd(input, exits.signal.aborted ? exits.signal.reason : thrown);
  } finally {
    exits.stop();
  }
}

function tell(told: {
  readonly event: RunEvent;
  readonly pipeline: Pipeline | undefined;
  readonly progress: RunProgress;
  readonly report: Report;
}): void {
  const { event, pipeline, progress, report } = told;
  switch (event.type) {
    case "line":
      progress.line(event.task, event.line);
      return;
    case "queued": {
      const others = event.behind.map(({ id }) => id).join(", ");
      const text = `the run waits for another one of it to end (max_active_runs): ${others}`;
      report.emit({ type: "note", level: "info", text });
      return;
    }
    case "task": {
      const { task } = event;
      const delayMs = pipeline?.steps.find(({ id }) => id === task.task)?.retryDelayMs;
      const isKnown = delayMs !== undefined && task.endedAt !== undefined;
      progress.stand({
        step: task.task,
        state: stepStateOf(task.state),
        try: task.try,
        maxTries: task.maxTries + 1,
        durationMs: task.durationMs,
        nextTryAt: isKnown ? task.endedAt + delayMs : undefined,
      });
    }
  }
}

async function resultOf(ended: {
  readonly input: AirflowRunInput;
  readonly followed: FollowedRun;
  readonly progress: RunProgress;
}): Promise<RunResult> {
  const { input, followed, progress } = ended;
  const { name, pipeline, run } = input;
  const tasks = inOrder(followed.tasks, pipeline);
  const steps = await Promise.all(tasks.map((task) => stepResult(input, task)));
  const { durationMs } = followed.run;
  const isEmpty = followed.run.state === "succeeded" && steps.length === 0;
  const state = isEmpty ? "failed" : followed.run.state;
  const failures = failuresOf(steps, progress);
  const isOddFailure = state === "failed" && failures.length === 0;
  const reason = isEmpty ? nothingRan : reasonOf(durationMs ?? 0, pipeline?.timeoutMs);
  const why = isOddFailure ? reason : null;
  return { pipeline: name, run, state, durationMs, steps, failures, why };
}

/** Airflow leaves such tasks out, and then takes the run for a success. */
const nothingRan = "it has no step, or its start_date is later than the run's date: nothing ran";

/** Airflow skips the steps of a run that takes too long, and of one that somebody ends. */
function reasonOf(durationMs: number, timeoutMs: number | undefined): string {
  return timeoutMs !== undefined && durationMs >= timeoutMs
    ? `it took longer than its timeout, ${timeoutMs / 1000} s`
    : "it was ended in Airflow";
}

/** As the pipeline has them; those of a hand-written DAG as Airflow made them. */
function inOrder(
  tasks: readonly TaskInstance[],
  pipeline: Pipeline | undefined,
): readonly TaskInstance[] {
  if (!pipeline) return tasks;
  const place = (task: TaskInstance): number =>
    pipeline.steps.findIndex(({ id }) => id === task.task);
  return tasks.toSorted((a, b) => place(a) - place(b));
}

async function stepResult(
  { airflow, name, pipeline, run, signal }: AirflowRunInput,
  task: TaskInstance,
): Promise<StepResult> {
  const state = stepStateOf(task.state);
  const isCounted = pipeline !== undefined && state === "succeeded";
  const of = { dag: name, run, task: task.task };
  const returned = isCounted ? await findReturned(airflow.client, of, signal) : undefined;
  return {
    step: task.task,
    state,
    tries: task.try,
    ...((returned === undefined ? undefined : parseCounts(returned)) ?? noCounts),
    durationMs: task.try === 0 ? null : task.durationMs,
  };
}

/** Long enough for a busy Airflow; a second Ctrl-C does not wait for it. */
const cancelTimeoutMs = 10_000;

async function cancelled({ airflow, name, run, report }: AirflowRunInput): Promise<DpError> {
  const limit = AbortSignal.timeout(cancelTimeoutMs);
  let outcome: string;
  try {
    const stopped = await stopRun(airflow.client, { dag: name, id: run }, limit);
    outcome =
      stopped.kind === "ended"
        ? `the run ${run} had already ended: ${stopped.state}`
        : `Airflow was asked to stop the run ${run} and marks it failed`;
  } catch (thrown) {
    outcome = `Airflow could not be asked to stop the run ${run}: ${messageOf(thrown)}`;
  }
  report.emit({ type: "note", level: "info", text: outcome });
  return new DpError({ code: "interrupted", message: "interrupted", why: outcome });
}

function tookTooLong({ name, run, timeoutMs = 0 }: AirflowRunInput): DpError {
  return new DpError({
    code: "not-ready",
    message: `the run ${run} of ${name} has not ended within ${timeoutMs / 1000} s`,
    why: "it goes on: --timeout limits the wait, `timeout` in pipeline.yaml the run",
    next: `dp pipeline logs ${name} -f; dp pipeline cancel ${name}`,
  });
}

function unknownEnd({ name, run }: AirflowRunInput, cause: unknown): DpError {
  const known = cause instanceof DpError ? cause : undefined;
  return new DpError({
    code: "airflow-failed",
    message: `could not find out how the run ${run} of ${name} ended`,
    why: [messageOf(cause), known?.why].filter(Boolean).join(": "),
    // Requests that were answered say nothing of why it stopped.
    evidence: known?.evidence.filter((line) => !line.includes("[http.access]")),
    next: `dp up; then dp pipeline runs ${name}`,
    cause,
  });
}
