import path from "node:path";
import { expect, test } from "vitest";
import { checkText } from "../../src/config/check.ts";
import type { FileKind } from "../../src/config/rules/rule.ts";
import { pages } from "./pages.ts";

interface Example {
  readonly page: string;
  readonly line: number;
  readonly text: string;
}

const examples = pages.flatMap(({ path: page, text }): Example[] => {
  return [...text.matchAll(/^```yaml\n(.*?)^```$/gms)].map(({ index, 1: yaml = "" }) => ({
    page,
    line: text.slice(0, index).split("\n").length,
    text: yaml,
  }));
});

/** Every file and folder that an example names exists. */
function kindOf(file: string): FileKind {
  const isFile = path.extname(file) !== "" || path.basename(file) === "Dockerfile";
  return isFile ? "file" : "folder";
}

/** Python files define every function that the example asks them for. */
function textOf(file: string, example: string): string | undefined {
  if (!file.endsWith(".py")) return "";
  const names = [...example.matchAll(/\.py:(\w+)/g)];
  return names.map(([, name = ""]) => `def ${name}(record):\n    return record\n`).join("");
}

test.each(examples)("the pipeline.yaml on $page:$line is valid", ({ text }) => {
  const { problems } = checkText({
    text,
    file: "/home/me/shop/pipeline.yaml",
    lookup: (name) => (name === "HOME" ? "/home/me" : "value"),
    project: undefined,
    ports: "written",
    realPathOf: (file) => file,
    kindOf,
    textOf: (file) => textOf(file, text),
  });
  expect(problems.map(({ message }) => message)).toEqual([]);
});

test("the pages have examples", () => {
  expect(examples.length).toBeGreaterThan(10);
});
