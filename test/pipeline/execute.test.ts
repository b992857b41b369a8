import { expect, test } from "vitest";
import { executeSteps, type StepChange, type TryOutcome } from "../../src/pipeline/execute.ts";
import { noCounts } from "../../src/pipeline/result.ts";
import type { Step } from "../../src/model/pipelines.ts";
import { commandStep } from "./case.ts";

const outcome = (succeeded: boolean): TryOutcome => ({
  succeeded,
  counts: noCounts,
  durationMs: 5,
});

interface Run {
  readonly steps: readonly Step[];
  /** Step → the tries that succeed; all others fail. */
  readonly succeed: (step: string, tryNumber: number) => boolean;
}

async function execute({ steps, succeed }: Run) {
  const changes: StepChange[] = [];
  const pauses: number[] = [];
  const results = await executeSteps({
    steps,
    runTry: async ({ id }, tryNumber) => outcome(succeed(id, tryNumber)),
    pause: async (durationMs) => void pauses.push(durationMs),
    onChange: (change) => changes.push(change),
  });
  return { results, pauses, told: changes.map(({ step, state }) => `${step.id} ${state}`) };
}

test("a step must start only when all that it needs has succeeded", async () => {
  const steps = [commandStep("a"), commandStep("b"), commandStep("both", { needs: ["a", "b"] })];
  const { told } = await execute({ steps, succeed: () => true });
  expect(told.slice(0, 2)).toEqual(["a running", "b running"]);
  expect(told.slice(-2)).toEqual(["both running", "both succeeded"]);
});

test("what stands behind a failed step must not be reached, and the other branch must go on", async () => {
  const steps = [
    commandStep("bad"),
    commandStep("next", { needs: ["bad"] }),
    commandStep("last", { needs: ["next"] }),
    commandStep("other"),
  ];
  const { results } = await execute({ steps, succeed: (step) => step !== "bad" });
  expect(results.map(({ step, state, tries }) => [step, state, tries])).toEqual([
    ["bad", "failed", 1],
    ["next", "not-reached", 0],
    ["last", "not-reached", 0],
    ["other", "succeeded", 1],
  ]);
});

test("a step must be tried again as often as it may, after its delay", async () => {
  const steps = [commandStep("a", { retries: 2, retryDelayMs: 700 })];
  const { results, pauses, told } = await execute({ steps, succeed: (_, number) => number === 3 });
  expect(results[0]).toMatchObject({ state: "succeeded", tries: 3 });
  expect(pauses).toEqual([700, 700]);
  expect(told).toEqual([
    "a running",
    "a retrying",
    "a running",
    "a retrying",
    "a running",
    "a succeeded",
  ]);
});

test("a step must fail after its last try", async () => {
  const steps = [commandStep("a", { retries: 1 })];
  const { results } = await execute({ steps, succeed: () => false });
  expect(results[0]).toMatchObject({ state: "failed", tries: 2 });
});

test("a try that throws must end the whole run", async () => {
  const running = executeSteps({
    steps: [commandStep("a"), commandStep("b")],
    runTry: async ({ id }) => {
      throw new Error(`${id} ended`);
    },
    pause: async () => {},
    onChange: () => {},
  });
  await expect(running).rejects.toThrow("a ended");
});
