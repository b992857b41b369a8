import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { pipelineOfFile, renderDag } from "../../src/airflow/dag.ts";
import { templatePath } from "../../src/assets.ts";
import type { Pipeline } from "../../src/model/pipelines.ts";
import { commandStep, pipelineOf } from "../pipeline/case.ts";

const template = readFileSync(templatePath("dag.py"), "utf8");
const codeFolder = "/opt/dp/code/0123456789abcdef";

const render = (given: Partial<Pipeline> = {}, folder = codeFolder) =>
  renderDag({ template, pipeline: pipelineOf(given), codeFolder: folder });

/** The JSON in a DAG's raw literal, as Python reads it. */
function valuesOf(text: string): unknown {
  return JSON.parse(/r"""\n([^]*?)\n"""/.exec(text)?.[1] ?? "");
}

test("a DAG must be the same text for the same pipeline and code", () => {
  expect(render()).toEqual(render());
});

test("the version must change with the pipeline, the code and nothing else", () => {
  const versions = [
    render(),
    render({ schedule: "0 * * * *" }),
    render({ steps: [commandStep("fetch", { retries: 1 })] }),
    render({}, "/opt/dp/code/fedcba9876543210"),
  ].map(({ version }) => version);
  expect(new Set(versions).size).toBe(versions.length);
  // What a step does lies in the code folder, whose hash stands for it.
  const other = commandStep("load", { needs: ["fetch"], environment: { A: "b" } });
  expect(render({ steps: [commandStep("fetch"), other] }).version).toBe(versions[0]);
});

test("texts of the user must come through Python's quotes and dp's placeholder unchanged", () => {
  const description = `"""'''\\ \\" {{ ds }} @PIPELINE@ $& ünï\n`;
  const { text } = render({ description, tags: [""] });
  expect(valuesOf(text)).toMatchObject({ description, tags: [""] });
  // oxlint-disable-next-line no-control-regex -- that there are only such characters is the point
  expect(text).toMatch(/^[\u0000-\u007f]*$/);
});

test("Airflow must find a DAG in the text: it looks for both words", () => {
  expect(render().text).toMatch(/airflow/);
  expect(render().text).toMatch(/\bDAG\b/i);
});

test("durations must be in seconds, and null where there is no limit", () => {
  const steps = [commandStep("a", { retries: 2, retryDelayMs: 1500, timeoutMs: 60_000 })];
  expect(valuesOf(render({ steps, timeoutMs: 500 }).text)).toMatchObject({
    timeout: 0.5,
    steps: [{ id: "a", needs: [], retries: 2, retryDelay: 1.5, timeout: 60 }],
  });
  expect(valuesOf(render().text)).toMatchObject({ timeout: null, schedule: null });
});

test("a file of dp's must name its pipeline, and no other file may", () => {
  expect(pipelineOfFile(render().file)).toBe("orders");
  expect(["report.py", "dp_.py", "dp_Orders.py", "a/dp_orders.py"].map(pipelineOfFile)).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});
