import { expect, test } from "vitest";
import { orderTasks } from "../../src/airflow/dag-details.ts";
import { renderCustomDag, type CustomDag } from "../../src/report/custom-dag.ts";
import { plainStyle } from "../../src/report/style.ts";

function task(id: string, more: Partial<CustomDag["tasks"][number]> = {}) {
  const usual = { operator: "@task", needs: [], retries: 0, triggerRule: "all_success" };
  return { id, ...usual, mapped: false, ...more };
}

const daily: CustomDag = {
  name: "daily",
  from: "airflow",
  file: "dags/daily.py",
  description: "Daily report",
  schedule: "0 6 * * *",
  timezone: "Europe/Berlin",
  paused: true,
  nextRun: "2026-12-01T05:00:00Z",
  broken: null,
  tasks: [
    task("extract", { retries: 2 }),
    task("load", { needs: ["extract"], mapped: true }),
    task("audit", { operator: "BashOperator" }),
    task("mail", { needs: ["load", "audit"], triggerRule: "all_done" }),
  ],
  runs: [],
};

test("a custom DAG is shown with its settings, and each task with what is not usual", () => {
  expect(renderCustomDag(daily, plainStyle)).toBe(`\
daily: Daily report
  schedule 0 6 * * * (Europe/Berlin) · next run 2026-12-01 05:00:00Z · paused · dags/daily.py

  extract  @task
           retries 2
  load     @task
           mapped
  audit    BashOperator
           starts at once
  mail     @task
           needs load, audit · trigger rule all_done
`);
});

test("a broken DAG is shown with its error, before the tasks that Airflow still has", () => {
  const broken = {
    file: "dags/daily.py",
    line: 4,
    message: "NameError: name 'x' is not defined",
    hint: null,
  };
  const shown = {
    ...daily,
    description: null,
    schedule: null,
    paused: false,
    nextRun: null,
    broken,
    tasks: [task("load")],
  };
  expect(renderCustomDag(shown, plainStyle)).toBe(`\
daily
  no schedule · dags/daily.py

✗ dags/daily.py:4: NameError: name 'x' is not defined

The tasks of the last version that Airflow could load are:

  load  @task
`);
});

test("tasks are ordered so that each is after those that it needs", () => {
  const tasks = [
    task("a", { needs: ["c"] }),
    task("b", { needs: ["a"] }),
    task("c"),
    task("d", { needs: ["missing"] }),
  ];
  expect(orderTasks(tasks).map(({ id }) => id)).toEqual(["c", "a", "b", "d"]);
});
