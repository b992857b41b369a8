import { expect, test } from "vitest";
import { ownToRead } from "../../../src/app/pipelines/send.ts";

const file = (path: string, text: string) => ({
  path,
  content: Buffer.from(text),
  mode: 0o644,
  hash: "h",
});

test("expects Airflow to read only changed files that may define a DAG", () => {
  const own = [
    file("daily.py", "from airflow.sdk import dag"),
    file("kept.py", "from airflow.sdk import DAG"),
    file("factory.py", "import airflow_factory; airflow_factory.make_dags()"),
    file("helpers.py", "import json"),
    file("notes.txt", "the airflow dag"),
  ];
  const changed = ["daily.py", "factory.py", "helpers.py", "notes.txt", "dp_orders.py"];
  expect(ownToRead({ dags: [], own, changed, created: [], at: 0 }).map(({ path }) => path)).toEqual(
    ["daily.py", "factory.py"],
  );
});
