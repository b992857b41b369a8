import { expect, test } from "vitest";
import type { RunResult } from "../../src/pipeline/result.ts";
import { renderRun } from "../../src/report/pipeline-run.ts";
import { plainStyle } from "../../src/report/style.ts";

const view = { style: plainStyle, columns: undefined, hasShownLines: false };
const uncounted = { recordsIn: null, recordsOut: null, recordsBad: null };

const failed: RunResult = {
  pipeline: "orders",
  run: "dp__20261122T101500Z_ab12",
  state: "failed",
  durationMs: 4400,
  steps: [
    {
      step: "fetch",
      state: "succeeded",
      tries: 1,
      recordsIn: 10,
      recordsOut: 9,
      recordsBad: 1,
      durationMs: 425,
    },
    { step: "clean", state: "failed", tries: 2, ...uncounted, durationMs: 1100 },
    { step: "load", state: "not-reached", tries: 0, ...uncounted, durationMs: null },
  ],
  failures: [{ step: "clean", try: 2, log: ["try 2", "error: no such field"] }],
  why: null,
};

test("a run must be told as a table of its steps, then what failed, then how it ended", () => {
  expect(renderRun(failed, view)).toBe(`\
STEP   STATE        TRIES  IN  OUT  BAD    TIME
fetch  succeeded        1  10    9    1  425 ms
clean  failed           2   -    -    -   1.1 s
load   not reached      -   -    -    -       -

clean failed on try 2; its last lines:
  try 2
  error: no such field

✗ orders failed after 4.4 s (run dp__20261122T101500Z_ab12)
`);
});

test("the lines of a failed step are not repeated after they were shown", () => {
  const shown = { ...view, hasShownLines: true };
  expect(renderRun(failed, shown)).not.toContain("no such field");
  expect(renderRun(failed, shown)).toContain("clean  failed           2   -");
  const silent = { ...failed, failures: [{ step: "clean", try: 1, log: [] }] };
  expect(renderRun(silent, shown)).toContain("it wrote nothing");
});

test("a step that failed without a word must be told as such", () => {
  const silent = { ...failed, failures: [{ step: "clean", try: 1, log: [] }] };
  expect(renderRun(silent, view)).toContain("clean failed; its last lines:\n  it wrote nothing\n");
});

test("a run that succeeded must end with its time and its id", () => {
  const [fetch] = failed.steps;
  const steps = fetch ? [fetch] : [];
  const succeeded: RunResult = { ...failed, state: "succeeded", steps, failures: [] };
  expect(renderRun(succeeded, view).split("\n").slice(2)).toEqual([
    "",
    "✓ orders succeeded after 4.4 s (run dp__20261122T101500Z_ab12)",
    "",
  ]);
});

test("a run that failed although no step did must say why", () => {
  const late: RunResult = { ...failed, failures: [], why: "it took longer than its timeout, 3 s" };
  expect(renderRun(late, view)).toContain(
    "✗ orders failed after 4.4 s: it took longer than its timeout, 3 s (run",
  );
});
