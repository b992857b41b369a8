import { readFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { renderJsonSchema, renderReference } from "../../src/config/reference.ts";

const docs = path.join(import.meta.dirname, "..", "..", "docs");

test("docs/pipeline-yaml.md must be what the schema says: npm run reference", async () => {
  expect(await readFile(path.join(docs, "pipeline-yaml.md"), "utf8")).toBe(renderReference());
});

test("docs/pipeline.schema.json must be what the schema says: npm run reference", async () => {
  expect(await readFile(path.join(docs, "pipeline.schema.json"), "utf8")).toBe(renderJsonSchema());
});

test("every key of the language must be described", () => {
  const cells = renderReference()
    .split("\n")
    .filter((line) => line.startsWith("| `"))
    .map((line) => line.split(" | "));
  expect(cells.length).toBeGreaterThan(20);
  const bare = cells.filter((row) => row[3]?.replace("|", "").trim() === "");
  expect(bare.map(([key]) => key)).toEqual([]);
});

test("sections inside sections must have tables of their own", () => {
  const headings = renderReference()
    .split("\n")
    .filter((line) => line.startsWith("### "));
  expect(headings).toEqual([
    "### airflow.connections",
    "### services.NAME.build",
    "### services.NAME.ulimits",
    "### services.NAME.logging",
    "### services.NAME.ready",
    "### services.NAME.ready.http",
    "### services.NAME.healthcheck",
    "### services.NAME.depends_on",
    "### topics.NAME.seed",
    "### pipelines.NAME.steps",
    "### pipelines.NAME.steps.NAME.from",
    "### pipelines.NAME.steps.NAME.to",
    "### pipelines.NAME.steps.NAME.run",
  ]);
});
