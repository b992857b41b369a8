import type { AirflowClient } from "../../../airflow/client.ts";
import { followRun } from "../../../airflow/follow.ts";
import { listTasks, type DagRun } from "../../../airflow/runs.ts";
import { linesOf, readTaskLog } from "../../../airflow/task-log.ts";
import { DpError } from "../../../errors.ts";
import { parseCounts } from "../../../pipeline/result.ts";
import { nearest } from "../../../stack/nearest.ts";

export interface StepLine {
  readonly step: string;
  readonly text: string;
}

export interface RunLogsInput {
  readonly client: AirflowClient;
  readonly run: DagRun;
  /** Only this one; all when undefined. */
  readonly step: string | undefined;
  readonly write: (line: StepLine) => Promise<void> | undefined;
  readonly signal: AbortSignal;
}

/** Hands over all that the steps of a run wrote, step by step, try by try. */
export async function readRunLogs(input: RunLogsInput): Promise<void> {
  const { client, run, step, write, signal } = input;
  const tasks = await listTasks(client, { dag: run.dag, id: run.id }, signal);
  refuseUnknownStep(
    step,
    tasks.map(({ task }) => task),
  );
  for (const task of tasks.filter((one) => step === undefined || one.task === step)) {
    for (let tryNumber = 1; tryNumber <= task.try; tryNumber++) {
      const { mapIndex } = task;
      const of = { dag: run.dag, run: run.id, task: task.task, try: tryNumber, mapIndex };
      for (const text of linesOf(await readTaskLog(client, of, signal))) {
        if (!isCounts(text)) await write({ step: task.task, text });
      }
    }
  }
}

/** As readRunLogs, and goes on until the run has ended or the signal aborts. */
export async function followRunLogs(input: RunLogsInput): Promise<void> {
  const { client, run, step, write, signal } = input;
  const tasks = await listTasks(client, { dag: run.dag, id: run.id }, signal);
  refuseUnknownStep(
    step,
    tasks.map(({ task }) => task),
  );
  await followRun({
    client,
    dag: run.dag,
    run: run.id,
    onEvent: (event) => {
      const isMeant = step === undefined || ("task" in event && event.task === step);
      if (event.type !== "line" || !isMeant || isCounts(event.line)) return;
      void write({ step: event.task, text: event.line });
    },
    signal,
  });
}

/** The counts that a step prints last are for the result. */
function isCounts(line: string): boolean {
  return parseCounts(line) !== undefined;
}

function refuseUnknownStep(step: string | undefined, known: readonly string[]): void {
  if (step === undefined || known.includes(step)) return;
  const near = nearest(step, known);
  throw new DpError({
    code: "usage",
    message: `the run has no step ${step}`,
    why: `it has ${known.join(", ")}`,
    next: near === undefined ? undefined : `did you mean ${near}?`,
  });
}
