import { readdirSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { convertFile, type ConvertedFile } from "../../../src/commands/init/convert-file.ts";
import { initDocument, renderInit } from "../../../src/commands/init/report.ts";
import { DpError } from "../../../src/errors.ts";
import { plainStyle } from "../../../src/report/style.ts";

const fixtures = path.join(import.meta.dirname, "..", "..", "fixtures", "compose");
const names = readdirSync(fixtures);

/** Literal passwords, tokens, and keys of the fixtures. */
const secrets =
  /tok_1f2e3d4c|mvn-5f6e7d|example-of-a-password|proxies-4711|minio-secret-key|django-insecure|test-secret|plant-pass|k-9fe8d7|ghp-0a1b2c3d|4711-pw|0815|admin-4711|a_key_for_the_lab|not-for-production/;

function composeFileOf(name: string): string {
  const file = readdirSync(path.join(fixtures, name)).find((each) => /compose\.ya?ml$/.test(each));
  return path.join(fixtures, name, file ?? "docker-compose.yml");
}

async function convert(name: string): Promise<Extract<ConvertedFile, { ok: true }>> {
  const source = composeFileOf(name);
  const target = path.join(path.dirname(source), "pipeline.yaml");
  const converted = await convertFile({ source, target, project: undefined, env: {} });
  if (!converted.ok) throw new Error(JSON.stringify(converted.problems));
  return converted;
}

test("there are twelve Compose files", () => {
  expect(names).toHaveLength(12);
});

test.each(names)("converts %s to its valid pipeline.yaml, and reports each line", async (name) => {
  const converted = await convert(name);
  const source = composeFileOf(name);
  const report = renderInit({ converted, source, target: "/new/pipeline.yaml", style: plainStyle });
  await expect(converted.text).toMatchFileSnapshot(`../../fixtures/compose/${name}/expected.yaml`);
  await expect(report).toMatchFileSnapshot(`../../fixtures/compose/${name}/report.txt`);
  expect(converted.text).not.toMatch(secrets);
  expect(report).not.toMatch(secrets);
});

test("prints the same facts as JSON", async () => {
  const converted = await convert("redpanda");
  const source = composeFileOf("redpanda");
  const document = initDocument({ converted, source, target: "/new/pipeline.yaml" });
  expect(document).toMatchObject({ file: "/new/pipeline.yaml", from: source });
  expect(document.services.map(({ name, becomes }) => [name, becomes])).toEqual([
    ["redpanda", "kafka"],
    ["topics", "topics"],
    ["console", "services.console"],
    ["ticker", "services.ticker"],
    ["Trader", "services.trader"],
    ["report", null],
  ]);
  const common = path.join(path.dirname(source), "common", "services.yml");
  expect(document.services[3]?.notes).toEqual([
    {
      change: "dropped",
      key: "env_file",
      reason: "local.env does not exist",
      at: { file: common, line: 6, column: 9 },
    },
    {
      change: "dropped",
      key: "read_only",
      reason: "not supported",
      at: { file: common, line: 11, column: 5 },
    },
    {
      change: "changed",
      key: "command",
      reason: "a secret in plain text is not copied: pipeline.yaml has ${TICKER_SECRET}",
      at: { file: source, line: 32, column: 5 },
    },
  ]);
  expect(document.notes.map(({ key }) => key)).toEqual(["volumes.redpanda"]);
  expect(document.variables).toEqual([
    { name: "TICKER_SECRET", kind: "secret", at: { file: source, line: 32, column: 5 } },
  ]);
  const count = document.services.flatMap(({ notes }) => notes).length + document.notes.length;
  expect(count).toBe(converted.notes.length);
});

test("reports a Compose file that does not exist", async () => {
  const source = path.join(fixtures, "none.yml");
  const target = path.join(fixtures, "pipeline.yaml");
  const converting = convertFile({ source, target, project: undefined, env: {} });
  const error = await converting.catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(DpError);
  expect(error).toMatchObject({ code: "no-file", message: `no Compose file ${source}` });
});
