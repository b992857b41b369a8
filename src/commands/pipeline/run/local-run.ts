import { sleep } from "../../../async/timers.ts";
import { timeoutSignal } from "../../../async/with-timeout.ts";
import type { Engine } from "../../../docker/engine/connect.ts";
import { uploadCode } from "../../../docker/exec/code-archive.ts";
import { followInContainer } from "../../../docker/exec/exec.ts";
import { removeRuns } from "../../../docker/stack/left-runs.ts";
import { startRunContainer, type RunContainer } from "../../../docker/stack/run-container.ts";
import { DpError, messageOf } from "../../../errors.ts";
import type { PipelineStack } from "../../../pipeline/document.ts";
import { executeSteps, type TryOutcome } from "../../../pipeline/execute.ts";
import type { Params } from "../../../pipeline/params.ts";
import { noCounts, parseCounts, type RunResult } from "../../../pipeline/result.ts";
import type { Report } from "../../../report/choose.ts";
import { exactJson } from "../../../stack/exact-json.ts";
import type { Observed } from "../../../model/containers.ts";
import { airflowUser } from "../../../stack/names.ts";
import type { Pipeline, Step } from "../../../model/pipelines.ts";
import { checkCode, codeFailure, concerns, runtimePython } from "../../../app/pipelines/check.ts";
import { readPipelineCode } from "../../../app/pipelines/code.ts";
import { stepContainer } from "../../../stack/step-container.ts";
import { runContainerAttempt } from "./container-attempt.ts";
import { createRunProgress, failuresOf, type RunProgress } from "./progress.ts";
import { stackLabels } from "../../../docker/stack/stack-labels.ts";

export interface LocalRunInput {
  readonly stack: PipelineStack & { readonly file: string };
  readonly pipeline: Pipeline;
  readonly engine: Engine;
  readonly observed: Observed;
  /** Has the runtime's Python. */
  readonly imageId: string;
  /** The run's id. */
  readonly run: string;
  readonly params: Params;
  readonly report: Report;
  readonly signal: AbortSignal;
  /** Milliseconds for the whole run, which ends with it. */
  readonly timeoutMs: number | undefined;
}

/**
 * Runs a pipeline without Airflow: the same steps by the same runtime, in a container of the stack's
 * network that goes when the run ends or dp does. Throws DpError `not-running` without the stack,
 * `invalid-file` for mistakes in the code, `not-ready` at the limit of time.
 */
export async function runLocally(input: LocalRunInput): Promise<RunResult> {
  const { stack, pipeline, engine, observed, imageId, run, report, signal } = input;
  if (observed.networks.length === 0) throw noNetwork(stack.name);
  const startedAt = performance.now();
  const [code, client] = await Promise.all([
    readPipelineCode(stack),
    engine.client(),
    removeRuns({ engine, project: stack.name, which: "left", signal }),
  ]);
  for (const text of code.notes) report.emit({ type: "note", level: "warning", text });
  const id = `run-${run.slice(-4)}-${process.pid}`;
  const started = await startRunContainer({
    client,
    labels: stackLabels(stack),
    id,
    imageId,
    network: "stack",
  });
  const limits = limitsOf(input);
  const stop = AbortSignal.any([signal, ...limits.map((limit) => limit.signal)]);
  try {
    const { container } = started;
    await uploadCode(container, { ...code, owner: airflowUser }, stop);
    const problems = await checkCode({ container, folder: code.folder, signal: stop });
    const serious = problems.filter((problem) => concerns(pipeline, problem));
    if (serious.length > 0) throw await codeFailure(serious, stack.file);
    const progress = createRunProgress(report.emit, (line) => parseCounts(line) !== undefined);
    const context = { input, id, started, folder: code.folder, progress, stop };
    const steps = await runSteps(context);
    const succeeded = steps.every(({ state }) => state === "succeeded");
    return {
      pipeline: pipeline.name,
      run,
      state: succeeded ? "succeeded" : "failed",
      durationMs: Math.round(performance.now() - startedAt),
      steps,
      failures: failuresOf(steps, progress),
      why: null,
    };
  } catch (thrown) {
    signal.throwIfAborted();
    throw limits.find((limit) => limit.signal.aborted)?.failure ?? thrown;
  } finally {
    await started.remove().catch((thrown: unknown) => {
      const reason = thrown instanceof DpError ? thrown.why : undefined;
      const text = [messageOf(thrown), reason].filter(Boolean).join(": ");
      report.emit({ type: "note", level: "warning", text });
    });
  }
}

interface RunContext {
  readonly input: LocalRunInput;
  /** The part of the names of its containers that is unique in the stack. */
  readonly id: string;
  readonly started: RunContainer;
  /** Of the code, in the container. */
  readonly folder: string;
  readonly progress: RunProgress;
  readonly stop: AbortSignal;
}

function runSteps(context: RunContext) {
  const { input, progress, stop } = context;
  const runAfter = new Date();
  return executeSteps({
    steps: input.pipeline.steps,
    runTry: (step, tryNumber) => runTry(context, { step, tryNumber, runAfter }),
    pause: (durationMs) => sleep(durationMs, stop),
    onChange: ({ step, state, try: tryNumber, durationMs, nextTryInMs }) =>
      progress.stand({
        step: step.id,
        state,
        try: tryNumber,
        maxTries: step.retries + 1,
        durationMs,
        nextTryAt: nextTryInMs === undefined ? undefined : Date.now() + nextTryInMs,
      }),
  });
}

/** `timeout` of GNU coreutils ends a command with this. */
const timedOut = 124;
/** SIGKILL: out of memory, or with its container. */
const killed = 137;
/** Seconds between SIGTERM and SIGKILL for a step that takes too long. */
const killAfterS = 5;

async function runTry(
  { input, id, started, folder, progress, stop }: RunContext,
  now: { readonly step: Step; readonly tryNumber: number; readonly runAfter: Date },
): Promise<TryOutcome> {
  const { stack, engine, pipeline, run, params } = input;
  const { step, tryNumber, runAfter } = now;
  const startedAt = performance.now();
  let counts = noCounts;
  const environment = {
    PYTHONPATH: ".dp",
    PYTHONUNBUFFERED: "1",
    DP_RUN_ID: run,
    DP_TRY: String(tryNumber),
    DP_RUN_AFTER: runAfter.toISOString(),
    DP_PARAMS: exactJson(params),
  };
  const onLine = (line: string): void => {
    counts = parseCounts(line) ?? counts;
    progress.line(step.id, line);
  };
  const { work } = step;
  const isContainer = work.kind === "run" && work.run.type === "container";
  const exitCode = isContainer
    ? await runContainerAttempt({
        engine,
        labels: stackLabels(stack),
        started,
        folder,
        pipeline: pipeline.name,
        step,
        container: stepContainer(work.run, stack),
        id: `${id}-${step.id}-${tryNumber}`,
        environment,
        onLine,
        signal: stop,
      })
    : await followInContainer({
        container: started.container,
        command: ["/bin/sh", "-c", stepCommand({ folder, pipeline: pipeline.name, step })],
        environment,
        onLine,
        signal: stop,
      });
  if (exitCode === killed) {
    // Its container may be going, too; the engine tells so a moment later.
    await sleep(500, stop);
    if (!(await started.isRunning())) throw vanished(input);
  }
  if (!isContainer && exitCode === timedOut && step.timeoutMs !== undefined) {
    progress.line(step.id, `error: it took longer than its timeout, ${step.timeoutMs / 1000} s`);
  }
  const succeeded = exitCode === 0;
  const durationMs = Math.round(performance.now() - startedAt);
  return { succeeded, counts: succeeded ? counts : noCounts, durationMs };
}

function stepCommand(of: {
  readonly folder: string;
  readonly pipeline: string;
  readonly step: Step;
}): string {
  const { folder, pipeline, step } = of;
  const limit =
    step.timeoutMs === undefined ? "" : `timeout -k ${killAfterS} ${step.timeoutMs / 1000} `;
  return `cd ${folder} && exec ${limit}${runtimePython} -m dp_runtime step ${pipeline} ${step.id}`;
}

function vanished({ pipeline: { name }, run }: LocalRunInput): DpError {
  return new DpError({
    code: "exited",
    message: `could not find out how the run ${run} of ${name} ended`,
    why: "its container was removed while it ran: dp down does so",
    next: `dp up; then dp pipeline run ${name} --local`,
  });
}

function noNetwork(name: string): DpError {
  return new DpError({
    code: "not-running",
    message: `${name} is not up`,
    why: "the steps run in the stack's network, and the engine has none of that name",
    next: "dp up",
  });
}

interface Limit {
  readonly signal: AbortSignal;
  /** What it means when it is over. */
  readonly failure: DpError;
}

/** What the command line allows, and what the pipeline does: then the run has failed. */
function limitsOf({ pipeline, timeoutMs }: LocalRunInput): Limit[] {
  const message = (limitMs: number): string =>
    `the run of ${pipeline.name} took longer than ${limitMs / 1000} s, and was ended`;
  const given: Limit[] =
    timeoutMs === undefined
      ? []
      : [
          {
            signal: timeoutSignal(timeoutMs),
            failure: new DpError({
              code: "not-ready",
              message: message(timeoutMs),
              next: "give it more with --timeout",
            }),
          },
        ];
  if (pipeline.timeoutMs === undefined) return given;
  const failure = new DpError({
    code: "pipeline-failed",
    message: message(pipeline.timeoutMs),
    why: `that is its \`timeout\` in pipeline.yaml`,
  });
  return [...given, { signal: timeoutSignal(pipeline.timeoutMs), failure }];
}
