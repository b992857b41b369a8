import type { Pipeline, RunWork, Step } from "../../src/model/pipelines.ts";

/** A step that runs a command, with what a test says of it. */
export function commandStep(id: string, given: Partial<Step> = {}): Step {
  const work: RunWork = { kind: "run", run: { type: "command", command: `echo ${id}` } };
  return {
    id,
    needs: [],
    retries: 0,
    retryDelayMs: 10_000,
    timeoutMs: undefined,
    environment: {},
    work,
    ...given,
  };
}

/** A pipeline that is run by hand, with what a test says of it. */
export function pipelineOf(given: Partial<Pipeline> = {}): Pipeline {
  return {
    name: "orders",
    description: undefined,
    tags: [],
    schedule: undefined,
    timezone: "UTC",
    timeoutMs: undefined,
    maxActiveRuns: 1,
    params: {},
    steps: [commandStep("fetch"), commandStep("load", { needs: ["fetch"] })],
    ...given,
  };
}
