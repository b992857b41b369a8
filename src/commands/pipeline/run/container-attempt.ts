import { timeoutSignal } from "../../../async/with-timeout.ts";
import { runInContainer } from "../../../docker/exec/exec.ts";
import type { RunContainer } from "../../../docker/stack/run-container.ts";
import type { StackLabels } from "../../../docker/stack/labels.ts";
import { runStepContainer, type StepEnd } from "../../../docker/stack/step-container.ts";
import type { Engine } from "../../../docker/engine/connect.ts";
import type { Step } from "../../../model/pipelines.ts";
import type { StepContainer } from "../../../stack/step-container.ts";
import { runtimePython } from "../../../app/pipelines/check.ts";

export interface ContainerAttempt {
  readonly engine: Engine;
  readonly labels: StackLabels;
  readonly started: RunContainer;
  /** Of the code, in the container of the run. */
  readonly folder: string;
  readonly pipeline: string;
  readonly step: Step;
  readonly container: StepContainer;
  /** Unique in the stack. */
  readonly id: string;
  /** Variables with the values of the run. */
  readonly environment: Readonly<Record<string, string>>;
  readonly onLine: (line: string) => void;
  readonly signal: AbortSignal;
}

const fillTimeoutMs = 60_000;

/** Runs a step in a container of its own; returns its exit code. The last line of a failure is its reason. */
export async function runContainerAttempt(attempt: ContainerAttempt): Promise<number> {
  const { engine, labels, started, step, container, id, onLine, signal } = attempt;
  const label = `${attempt.pipeline}.${step.id}`;
  const filled = await fillContainer(attempt);
  if (!filled) return 1;
  const end = await runStepContainer({
    client: await engine.client(),
    labels,
    id,
    container,
    filled,
    runContainer: started.container.id,
    onLine,
    timeout: step.timeoutMs === undefined ? undefined : timeoutSignal(step.timeoutMs),
    signal,
  });
  const failure = describeFailure(end, step);
  if (failure !== undefined) onLine(`error: ${label}: ${failure}`);
  return end.kind === "exited" ? end.exitCode : 1;
}

function describeFailure(end: StepEnd, { timeoutMs = 0 }: Step): string | undefined {
  switch (end.kind) {
    case "exited":
      return end.exitCode === 0 ? undefined : `the container exited with code ${end.exitCode}`;
    case "timed-out":
      return `the container took longer than its timeout, ${timeoutMs / 1000} s`;
    case "not-started":
      return `the engine can't start the container: ${end.reason}`;
  }
}

interface Filled {
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

/** The runtime fills `{{ }}` in, as for all other steps. Undefined after a failure, which it printed. */
async function fillContainer(attempt: ContainerAttempt): Promise<Filled | undefined> {
  const { started, folder, pipeline, step, environment, onLine, signal } = attempt;
  const command = `cd ${folder} && exec ${runtimePython} -m dp_runtime container ${pipeline} ${step.id}`;
  const { exitCode, stdout, stderr } = await runInContainer({
    container: started.container,
    command: ["/bin/sh", "-c", command],
    environment,
    timeoutMs: fillTimeoutMs,
    signal,
  });
  if (exitCode === 0) return JSON.parse(stdout) as Filled;
  for (const line of `${stdout}${stderr}`.trimEnd().split("\n")) onLine(line);
  return undefined;
}
