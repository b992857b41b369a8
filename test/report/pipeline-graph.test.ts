import { expect, test } from "vitest";
import { renderPipeline } from "../../src/report/pipeline-graph.ts";
import { plainStyle } from "../../src/report/style.ts";
import type { Step } from "../../src/model/pipelines.ts";
import { commandStep, pipelineOf } from "../pipeline/case.ts";

const clean: Step = commandStep("clean", {
  needs: ["fetch"],
  timeoutMs: 60_000,
  work: {
    kind: "move",
    from: { type: "topic", topic: "orders.raw", group: "dp.shop.orders.clean" },
    transform: { file: "pipelines/orders.py", function: "clean" },
    to: {
      type: "store",
      store: "warehouse",
      table: "orders",
      mode: "upsert",
      uniqueKey: ["id", "day"],
    },
    onBadRecord: { action: "topic", topic: "orders.bad" },
    batch: 500,
  },
});

const fetch: Step = commandStep("fetch", {
  retries: 2,
  work: {
    kind: "move",
    from: { type: "http", url: "http://api/orders", params: {}, headers: {}, records: undefined },
    transform: undefined,
    to: { type: "topic", topic: "orders.raw", key: "id", delivery: "at_least_once" },
    onBadRecord: { action: "fail" },
    batch: 500,
  },
});

const report: Step = commandStep("report", {
  work: { kind: "run", run: { type: "sql", store: "warehouse", file: "sql/daily.sql" } },
});

test("a pipeline must be told step by step, with what is not as usual below", () => {
  const pipeline = pipelineOf({
    description: "orders of the shop",
    schedule: "0 * * * *",
    params: { since: "2026-01-01" },
    steps: [fetch, clean, report],
  });
  expect(renderPipeline(pipeline, plainStyle)).toBe(`\
orders: orders of the shop
  schedule 0 * * * * (UTC) · max_active_runs 1 · params since=2026-01-01

  fetch   http://api/orders → topic orders.raw by id
          retries 2, after 10.0 s
  clean   topic orders.raw → pipelines/orders.py:clean → warehouse.orders (upsert by id, day)
          timeout 1 m 00 s · bad records → topic orders.bad
  report  run sql/daily.sql in warehouse
          starts at once
`);
});
