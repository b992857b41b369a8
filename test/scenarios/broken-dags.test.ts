import { afterAll, beforeAll, expect, test } from "vitest";
import type { HealthDocument } from "../../src/app/checks/health-document.ts";
import type { UpDocument } from "../../src/commands/up/up-result.ts";
import type { CustomDag } from "../../src/report/custom-dag.ts";
import type { PipelineLine } from "../../src/report/pipeline-list.ts";
import { createProject, type Project } from "../support/project.ts";
import { eventsOf, failureOf, type DpResult } from "../support/run-dp.ts";

const daily = `from datetime import datetime

from airflow.sdk import DAG, task
from helpers import numbers

with DAG("daily", description="Daily report", schedule="@daily", start_date=datetime(2026, 1, 1)):

    @task
    def load(values):
        print(values)

    @task(retries=2)
    def extract():
        return numbers()

    load(extract())
`;
const brokenDaily = daily.replace('"@daily"', "at_midnight");
const helpers = "def numbers():\n    return [1, 2]\n";
const missing = "from airflow.sdk import DAG\nimport nosuch_package\n\nlate = DAG('late')\n";

const missingPackage = {
  file: "etl/dags/late.py",
  line: 2,
  message: "ModuleNotFoundError: No module named 'nosuch_package'",
};
const unknownName = {
  file: "etl/dags/daily.py",
  line: 6,
  message: "NameError: name 'at_midnight' is not defined",
};

let project: Project;
let first: DpResult;

beforeAll(async () => {
  const pipelines = "pipelines: { orders: { steps: { list: { run: ls } } } }";
  project = await createProject(`airflow: { dags: etl/dags }\n${pipelines}\n`);
  await project.write("etl/dags/daily.py", daily);
  await project.write("etl/dags/helpers.py", helpers);
  await project.write("etl/dags/late.py", missing);
  first = await project.dp(["up", "--json"]);
});

afterAll(() => project[Symbol.asyncDispose]());

const documentOf = (result: DpResult): UpDocument & { readonly ok: boolean } =>
  eventsOf(result).at(-1) as unknown as UpDocument & { ok: boolean };

async function list(): Promise<readonly PipelineLine[]> {
  const { stdout } = await project.succeed(["pipeline", "list", "--json"]);
  return (JSON.parse(stdout) as { pipelines: PipelineLine[] }).pipelines;
}

/** What is broken, by the name in the list. */
async function broken(): Promise<Record<string, unknown>> {
  const lines = (await list()).filter((line) => line.broken !== null);
  return Object.fromEntries(lines.map((line) => [line.pipeline, line.broken]));
}

async function checkOfDags(code: number) {
  const health = await project.dp(["health", "--json"]);
  expect(health.code, health.stdout).toBe(code);
  const { checks } = JSON.parse(health.stdout) as HealthDocument;
  return checks.find(({ check }) => check === "dags");
}

test("up ends with exit code 1 when a DAG is broken, and keeps the stack", async () => {
  expect(first.code, first.stderr).toBe(1);
  expect(documentOf(first)).toMatchObject({
    ok: false,
    brokenDags: [missingPackage],
    endpoints: { AIRFLOW_URL: expect.stringMatching(/^http:/) as string },
  });
  expect(failureOf(first)).toMatchObject({
    code: "airflow-failed",
    why: missingPackage.message,
    next: expect.stringContaining("airflow.requirements") as string,
    at: { file: `${project.folder}/etl/dags/late.py`, line: 2 },
  });
  const again = await project.dp(["up", "--json"]);
  expect(again.code).toBe(1);
  expect(documentOf(again)).toMatchObject({ ok: false, changes: [], brokenDags: [missingPackage] });
});

test("up ends with exit code 0 when broken DAGs are allowed", async () => {
  const result = await project.succeed(["up", "--allow-broken-dags", "--json"]);
  expect(documentOf(result)).toMatchObject({ ok: true, brokenDags: [missingPackage] });
  const notes = eventsOf(result).filter(({ type }) => type === "note");
  expect(notes.map(({ text }) => text)).toContainEqual(
    expect.stringContaining("Airflow can't load etl/dags/late.py:2: ModuleNotFoundError"),
  );
});

test("list, status, and health name the broken file with line and message", async () => {
  expect(await list()).toMatchObject([
    { pipeline: "orders", from: "file", broken: null },
    { pipeline: "daily", from: "airflow", broken: null },
    { pipeline: "etl/dags/late.py", from: "airflow", nextRun: null, broken: missingPackage },
  ]);
  const place = "✗ etl/dags/late.py:2: ModuleNotFoundError: No module named 'nosuch_package'";
  const { stdout: status } = await project.succeed(["status"]);
  expect(status).toContain(place);
  expect((await project.succeed(["pipeline", "list"])).stdout).toContain(place);
  expect(await checkOfDags(10)).toMatchObject({
    service: "airflow",
    healthy: false,
    detail: `${missingPackage.file}:2: ${missingPackage.message}`,
  });
});

test("a scheduled run started later than it was due", async () => {
  const { runs } = await show("daily");
  expect(runs).toMatchObject([
    { type: "scheduled", runAfter: expect.stringMatching(/T00:00:00Z$/) as string },
  ]);
  const started = runs[0]?.startedAt ?? "";
  expect(Date.parse(started)).toBeGreaterThan(Date.now() - 600_000);
  const { stdout } = await project.succeed(["pipeline", "runs", "daily"]);
  expect(stdout).toContain(new Date(started).toISOString().slice(0, 19).replace("T", " "));
});

async function show(name: string): Promise<CustomDag> {
  const { stdout } = await project.succeed(["pipeline", "show", name, "--json"]);
  return JSON.parse(stdout) as CustomDag;
}

const tasks = [
  { id: "extract", operator: "@task", needs: [], retries: 2 },
  { id: "load", operator: "@task", needs: ["extract"], retries: 0 },
];

test("show has the tasks, the schedule, and the last runs of a custom DAG", async () => {
  expect(await show("daily")).toMatchObject({
    file: "etl/dags/daily.py",
    description: "Daily report",
    schedule: "0 0 * * *",
    timezone: "UTC",
    broken: null,
    tasks,
  });
  const never = await project.dp(["pipeline", "show", "late", "--json"]);
  expect(never.code).toBe(1);
  expect(failureOf(never)).toMatchObject({ code: "airflow-failed", at: { line: 2 } });
  const unknown = await project.dp(["pipeline", "show", "dayly", "--json"]);
  expect(unknown.code).toBe(2);
  expect(failureOf(unknown)).toMatchObject({ code: "unknown-pipeline" });
});

test("a DAG that breaks is listed with its runs, and shown with its last tasks", async () => {
  await project.write("etl/dags/daily.py", brokenDaily);
  const up = await project.dp(["up", "--json"]);
  expect(up.code).toBe(1);
  expect(documentOf(up).brokenDags).toMatchObject([unknownName, missingPackage]);
  expect(await broken()).toMatchObject({ daily: unknownName, "etl/dags/late.py": missingPackage });
  expect(await show("daily")).toMatchObject({
    broken: unknownName,
    nextRun: null,
    tasks,
    runs: [{ type: "scheduled" }],
  });
  expect(await checkOfDags(10)).toMatchObject({ detail: "2 files have import errors" });
});

test("a DAG that is repaired is not broken any more after up", async () => {
  await project.write("etl/dags/daily.py", daily);
  await project.write("etl/dags/late.py", missing.replace("import nosuch_package\n", ""));
  expect(documentOf(await project.succeed(["up", "--json"]))).toMatchObject({
    ok: true,
    brokenDags: [],
  });
  expect(await broken()).toEqual({});
  expect((await list()).map(({ pipeline }) => pipeline)).toEqual(["orders", "daily", "late"]);
  expect(await checkOfDags(0)).toMatchObject({ healthy: true, detail: "no import errors" });
});

test("a DAG that is repaired is not broken any more after a run of another one", async () => {
  await project.write("etl/dags/helpers.py", "def numbers(:\n");
  const up = await project.dp(["up", "--json"]);
  expect(up.code).toBe(1);
  const place = { file: "etl/dags/helpers.py", line: 1 };
  expect(documentOf(up).brokenDags).toMatchObject([place]);
  await project.write("etl/dags/helpers.py", helpers);
  await project.succeed(["pipeline", "run", "orders"]);
  expect(await broken()).toEqual({});
  expect(await checkOfDags(0)).toMatchObject({ healthy: true });
});

test("down removes the stack with its data and takes -y", async () => {
  await project.succeed(["down", "-v", "-y"]);
  expect((await project.snapshot()).volumes).toEqual([]);
});
