import { expect, test } from "vitest";
import { componentsOf, describeSickness } from "../../src/airflow/health.ts";

const at = "2026-11-22T16:30:13.723611+00:00";
const answer = {
  metadatabase: { status: "healthy" },
  scheduler: { status: "healthy", latest_scheduler_heartbeat: at },
  triggerer: { status: null, latest_triggerer_heartbeat: null },
  dag_processor: { status: "healthy", latest_dag_processor_heartbeat: at },
};

test("components must be those that run, with their heartbeats", () => {
  expect(componentsOf(answer)).toEqual([
    { name: "metadatabase", healthy: true, heartbeat: undefined },
    { name: "scheduler", healthy: true, heartbeat: at },
    { name: "dag-processor", healthy: true, heartbeat: at },
  ]);
});

test("a triggerer that runs must count", () => {
  const triggerer = { status: "unhealthy", latest_triggerer_heartbeat: at };
  const sick = componentsOf({ ...answer, triggerer }).filter(({ healthy }) => !healthy);
  expect(sick.map(({ name }) => name)).toEqual(["triggerer"]);
  expect(sick.map(describeSickness).join()).toContain(at);
});

test("a scheduler that has not told of itself must be sick", () => {
  const scheduler = { status: null, latest_scheduler_heartbeat: null };
  const sick = componentsOf({ ...answer, scheduler }).find(({ healthy }) => !healthy);
  expect(sick?.name).toBe("scheduler");
  expect(sick && describeSickness(sick)).toBe("it has not told of itself");
});
