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
  broken: null,
} as const;

test("pipelines must be listed with their last and next run, and custom DAGs be marked", () => {
  const pipelines = [
    orders,
    {
      pipeline: "mine",
      from: "airflow",
      schedule: null,
      paused: true,
      lastRun: null,
      nextRun: null,
      broken: null,
    },
  ] as const;
  const now = Date.parse("2026-11-22T10:20:10Z");
  expect(renderPipelines({ pipelines }, view, now)).toBe(`\
PIPELINE  SCHEDULE   LAST-RUN  WHEN     NEXT-RUN              NOTE
orders    0 * * * *  failed    5 m ago  2026-11-22 11:00:00Z  -
mine      -          -         -        -                     custom DAG, paused
`);
});

test("runs must be listed with their state and times", () => {
  const document = { pipeline: "orders", runs: [lastRun] };
  expect(renderRuns(document, view)).toBe(`\
RUN    STATE   TYPE    STARTED                TIME
dp__1  failed  manual  2026-11-22 10:15:00Z  2.1 s
`);
});

test("broken DAGs are listed with their errors below, each error once", () => {
  const broken = {
    file: "dags/lib/shop.py",
    line: 3,
    message: "ModuleNotFoundError: No module named 'pandas'",
    hint: 'add the package of "pandas" to airflow.requirements, then run dp up',
  };
  const custom = { ...orders, from: "airflow", nextRun: null, lastRun: null } as const;
  const pipelines = [
    { ...orders, nextRun: null },
    { ...custom, pipeline: "daily", paused: true, broken },
    { ...custom, pipeline: "weekly", broken },
    {
      ...custom,
      pipeline: "dags/new.py",
      schedule: null,
      broken: { file: "dags/new.py", line: null, message: "Timeout", hint: null },
    },
  ];
  const now = Date.parse("2026-11-22T10:20:10Z");
  expect(renderPipelines({ pipelines }, view, now)).toBe(`\
PIPELINE     SCHEDULE   LAST-RUN  WHEN     NEXT-RUN  NOTE
orders       0 * * * *  failed    5 m ago  -         -
daily        0 * * * *  -         -        -         broken, custom DAG, paused
weekly       0 * * * *  -         -        -         broken, custom DAG
dags/new.py  -          -         -        -         broken, custom DAG

✗ dags/lib/shop.py:3: ModuleNotFoundError: No module named 'pandas'
  hint: add the package of "pandas" to airflow.requirements, then run dp up
✗ dags/new.py: Timeout
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
