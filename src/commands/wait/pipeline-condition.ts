import { listDags } from "../../airflow/dags.ts";
import { listRuns, type DagRun } from "../../airflow/runs.ts";
import { observeStack } from "../../docker/stack/observe.ts";
import { DpError } from "../../errors.ts";
import type { Stack } from "../../model/settings.ts";
import { withAirflow } from "../../app/pipelines/airflow.ts";
import { unknownPipeline } from "../../app/pipelines/target.ts";
import type { FoundStack } from "../../app/stack/running.ts";
import { lookOrUnknown, type Condition, type Look } from "./condition.ts";

const pauseMs = 500;

export interface WaitedPipeline {
  readonly found: FoundStack;
  /** What the file says; undefined without one. */
  readonly stack: Stack | undefined;
  readonly name: string;
}

/**
 * The latest run of a pipeline, or of a hand-written DAG, has succeeded. Throws DpError `refused` for a
 * stack without Airflow: nobody keeps the runs there.
 */
export function pipelineCondition({ found, stack, name }: WaitedPipeline): Condition {
  if (stack && !stack.airflow) throw noAirflow();
  const ofFile = stack?.pipelines.map((pipeline) => pipeline.name) ?? [];
  return {
    target: `pipeline ${name}`,
    pauseMs,
    look: (signal) =>
      lookOrUnknown(signal, async () => {
        const observed = await observeStack(found.engine, found.name, signal);
        return withAirflow({ ...found, observed }, async ({ client }) => {
          const dags = await listDags(client, signal);
          if (dags.some(({ id }) => id === name)) {
            const [latest] = await listRuns(client, { dag: name, limit: 1 }, signal);
            return judgeRun(latest);
          }
          if (ofFile.includes(name)) return judgeRun(undefined);
          throw unknownPipeline(name, [...new Set([...ofFile, ...dags.map(({ id }) => id)])]);
        });
      }),
  };
}

/** What the latest run says. Pure. */
export function judgeRun(run: Pick<DagRun, "id" | "state"> | undefined): Look {
  if (run === undefined) return { state: "missing", text: "it has no run yet" };
  switch (run.state) {
    case "succeeded":
      return { state: "met", text: `run ${run.id} succeeded` };
    case "failed":
      return { state: "lost", text: `run ${run.id} failed` };
    case "queued":
    case "running":
      return { state: "missing", text: `run ${run.id} is ${run.state}` };
  }
}

function noAirflow(): DpError {
  return new DpError({
    code: "refused",
    message: "without Airflow there are no runs to wait for",
    why: "dp pipeline run ends with its run; nobody else starts one",
    next: "use its exit code: dp pipeline run NAME",
  });
}
