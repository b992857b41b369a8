import { expect, test } from "vitest";
import type { ImportError, KnownDag } from "../../../src/airflow/dags.ts";
import { toPipelineLines } from "../../../src/app/pipelines/list.ts";

const airflow = { dags: "/shop/etl/dags" };
const file = { file: "/shop/pipeline.yaml", pipelines: [], airflow } as never;

function dag(id: string, more: Partial<KnownDag> = {}): KnownDag {
  return {
    id,
    stale: false,
    paused: false,
    hasImportErrors: false,
    tags: [],
    file: `${id}.py`,
    parsedAt: 10_000,
    schedule: null,
    nextRun: "2026-11-22T11:00:00Z",
    ...more,
  };
}

function errorIn(path: string, place = path): ImportError {
  const trace = `Traceback (most recent call last):
  File "/opt/airflow/dags/${place}", line 3, in <module>
NameError: name 'x' is not defined
`;
  return { file: path, stackTrace: trace, at: 20_000 };
}

const shown = (known: Parameters<typeof toPipelineLines>[0]) =>
  toPipelineLines(known).map(({ pipeline, broken, nextRun }) => [
    pipeline,
    broken && `${broken.file}:${broken.line}`,
    nextRun === null ? "no next run" : "next run",
  ]);

test("a DAG that Airflow can't load any more is broken, and has no next run", () => {
  const dags = [dag("daily", { stale: true }), dag("weekly")];
  expect(shown({ ofFile: file, dags, errors: [errorIn("daily.py")] })).toEqual([
    ["daily", "etl/dags/daily.py:3", "no next run"],
    ["weekly", null, "next run"],
  ]);
});

test("an error has the place in the module that the DAG imports", () => {
  const errors = [errorIn("daily.py", "lib/shop.py")];
  expect(shown({ ofFile: file, dags: [dag("daily", { stale: true })], errors })).toEqual([
    ["daily", "etl/dags/lib/shop.py:3", "no next run"],
  ]);
});

test("a file that Airflow never loaded is listed by its path", () => {
  const errors = [errorIn("new.py")];
  expect(shown({ ofFile: file, dags: [], errors })).toEqual([
    ["etl/dags/new.py", "etl/dags/new.py:3", "no next run"],
  ]);
  expect(shown({ ofFile: undefined, dags: [], errors })).toEqual([
    ["new.py", "new.py:3", "no next run"],
  ]);
});

test("DAGs that were no longer in a file are not broken with it", () => {
  const old = dag("renamed", { file: "daily.py", stale: true, parsedAt: 1000 });
  const dags = [dag("daily", { stale: true }), old];
  expect(shown({ ofFile: file, dags, errors: [errorIn("daily.py")] })).toEqual([
    ["daily", "etl/dags/daily.py:3", "no next run"],
  ]);
  expect(shown({ ofFile: file, dags, errors: [] })).toEqual([]);
});

test("the DAG of a pipeline is broken under the name of the pipeline", () => {
  const pipelines = [{ name: "orders", schedule: undefined }];
  const ofFile = { file: "/shop/pipeline.yaml", pipelines, airflow } as never;
  const known = dag("orders", { file: "dp_orders.py", stale: true, tags: ["dp", "dp:1"] });
  const lines = shown({ ofFile, dags: [known], errors: [errorIn("dp_orders.py")] });
  expect(lines).toEqual([["orders", "dp_orders.py:3", "no next run"]]);
});
