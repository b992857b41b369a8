import { existsSync, readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { renderProblems } from "../../src/report/problems.ts";
import { plainStyle } from "../../src/report/style.ts";
import { loadStack } from "../../src/config/load.ts";

const fixtures = path.join(import.meta.dirname, "..", "fixtures");
const cases = readdirSync(fixtures).filter((name) =>
  existsSync(path.join(fixtures, name, "pipeline.yaml")),
);

test.each(cases)("the problems of %s must be those of its problems.txt", async (name) => {
  const folder = path.join(fixtures, name);
  const loaded = await loadStack({ cwd: folder, env: {} });
  const problems = loaded.ok ? loaded.warnings : loaded.problems;
  const rendered = renderProblems({
    problems,
    file: "pipeline.yaml",
    text: loaded.text,
    style: plainStyle,
  });
  expect(rendered).toBe(await readFile(path.join(folder, "problems.txt"), "utf8"));
});
