import { expect, test } from "vitest";
import { renderPipelines, renderRuns } from "../../src/report/pipeline-list.ts";
import { plainStyle } from "../../src/report/style.ts";

const view = { style: plainStyle, columns: undefined };
const lastRun = {
  run: "dp__1",
  state: "failed",
  type: "manual",
  runAfter: "2026-11-22T00:00:00Z",
  startedAt: "2026-11-22T10:15:00.123Z",
  durationMs: 2100,
} as const;

const orders = {
  pipeline: "orders",
  from: "file",
  schedule: "0 * * * *",
  paused: false,
  lastRun,
  nextRun: "2026-11-22T11:00:00Z",
} as const;

test("pipelines must be listed with their last and next run, and hand-written DAGs be marked", () => {
  const pipelines = [
    orders,
    {
      pipeline: "mine",
      from: "airflow",
      schedule: null,
      paused: true,
      lastRun: null,
      nextRun: null,
    },
  ] as const;
  const now = Date.parse("2026-11-22T10:20:10Z");
  expect(renderPipelines({ pipelines }, view, now)).toBe(`\
PIPELINE  SCHEDULE   LAST-RUN  WHEN     NEXT-RUN              NOTE
orders    0 * * * *  failed    5 m ago  2026-11-22 11:00:00Z  -
mine      -          -         -        -                     written by hand, paused
`);
});

test("runs must be listed with their state and times", () => {
  const document = { pipeline: "orders", runs: [lastRun] };
  expect(renderRuns(document, view)).toBe(`\
RUN    STATE   TYPE    STARTED                TIME
dp__1  failed  manual  2026-11-22 10:15:00Z  2.1 s
`);
});

test("a queued run has no start, whenever it was due", () => {
  const queued = { ...lastRun, state: "queued", startedAt: null, durationMs: null } as const;
  const pipelines = [{ ...orders, lastRun: queued }];
  expect(renderPipelines({ pipelines }, view, 0)).toContain("0 * * * *  queued    -     2026-");
  expect(renderRuns({ pipeline: "orders", runs: [queued] }, view)).toBe(`\
RUN    STATE   TYPE    STARTED  TIME
dp__1  queued  manual  -           -
`);
});

test("no pipelines and no runs must be said in words", () => {
  expect(renderPipelines({ pipelines: [] }, view, 0)).toBe("there are no pipelines\n");
  expect(renderRuns({ pipeline: "orders", runs: [] }, view)).toBe("orders has no runs\n");
});
