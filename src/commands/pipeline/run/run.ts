import { randomInt } from "node:crypto";
import { assertNoStepBinds } from "../../../stack/step-binds.ts";
import { confOf, parseFreeParams, parseParams } from "../../../pipeline/params.ts";
import type { RunResult } from "../../../pipeline/result.ts";
import { formatRunId } from "../../../pipeline/run-id.ts";
import type { Report } from "../../../report/choose.ts";
import type { Host } from "../../../app/request.ts";
import type { RunningAirflow } from "../../../app/pipelines/airflow.ts";
import type { AirflowRunInput } from "./airflow-run.ts";
import { noteMissingData } from "./missing-data.ts";
import { requirePipeline, type PipelineTarget } from "../../../app/pipelines/target.ts";

export interface RunRequest extends PipelineTarget {
  readonly host: Host;
  /** A pipeline of the file; for Airflow also a DAG written by hand. */
  readonly name: string;
  /** Parameters, `name=value`. */
  readonly words: readonly string[];
  readonly timeoutMs: number | undefined;
  readonly report: Report;
  readonly signal: AbortSignal;
}

/** Runs a pipeline without Airflow; see runLocally. */
export async function runHere(request: RunRequest): Promise<RunResult> {
  const { host, stack, found, withPlace, name, words, timeoutMs, report, signal } = request;
  const pipeline = requirePipeline(stack, name);
  const params = parseParams(words, pipeline);
  const [{ runLocally }, { findRunImage }, { ensureStepImages }] = await Promise.all([
    import("./local-run.ts"),
    import("./image.ts"),
    import("../../../app/images/images.ts"),
  ]);
  const { engine, observed } = found;
  if (engine.remote) assertNoStepBinds({ ...stack, pipelines: [pipeline] });
  const input = { stack, pipeline, engine, observed, run: newRunId(), params, report, signal };
  const getting = { ...input, env: host.env, emit: report.emit };
  const [imageId, stepImages] = await Promise.all([
    findRunImage(getting),
    ensureStepImages({ ...getting, pipelines: [pipeline] }),
  ]).catch((thrown: unknown) => {
    throw withPlace(thrown);
  });
  const result = await runLocally({
    ...input,
    stack: { ...stack, stepImages },
    imageId,
    timeoutMs,
  });
  return noteMissingData(result, input.report.emit);
}

/** Sends what changed, starts a run and follows it to its end; see makeReady and followAirflowRun. */
export function runByAirflow(request: RunRequest): Promise<RunResult> {
  return withStartedRun(request, async (run) => {
    const { followAirflowRun } = await import("./airflow-run.ts");
    return noteMissingData(await followAirflowRun(run), request.report.emit);
  });
}

export interface StartedRun {
  readonly pipeline: string;
  readonly run: string;
  readonly state: "queued";
}

/** Sends what changed and starts a run, no more. */
export function startByAirflow(request: RunRequest): Promise<StartedRun> {
  return withStartedRun(request, async ({ name, run }) => ({
    pipeline: name,
    run,
    state: "queued",
  }));
}

/** An Airflow that has just started may be silent for longer than one attempt lasts. */
const callMs = 60_000;

async function withStartedRun<T>(
  request: RunRequest,
  work: (run: AirflowRunInput) => Promise<T>,
): Promise<T> {
  const { host, stack, found, withPlace, name, words, timeoutMs, report, signal } = request;
  const pipeline = stack.pipelines.find((one) => one.name === name);
  const conf = pipeline ? confOf(parseParams(words, pipeline)) : parseFreeParams(words);
  const [{ withAirflow }, { makeReady }, { startAirflowRun }, { ensureStepImages }] =
    await Promise.all([
      import("../../../app/pipelines/airflow.ts"),
      import("./ready.ts"),
      import("./airflow-run.ts"),
      import("../../../app/images/images.ts"),
    ]);
  return withAirflow({ ...found, callMs }, async (airflow: RunningAirflow) => {
    const { engine } = found;
    const getting = { engine, stack, emit: report.emit, signal, env: host.env };
    const pipelines = pipeline ? [pipeline] : [];
    const stepImages = await ensureStepImages({ ...getting, pipelines }).catch((thrown) => {
      throw withPlace(thrown);
    });
    const sendable = { ...stack, stepImages };
    await makeReady({ airflow, stack: sendable, name, report, signal });
    const run = { airflow, name, pipeline, run: newRunId(), report, signal, timeoutMs };
    await startAirflowRun(run, conf);
    return work(run);
  });
}

function newRunId(): string {
  return formatRunId(
    new Date(),
    randomInt(36 ** 4)
      .toString(36)
      .padStart(4, "0"),
  );
}
