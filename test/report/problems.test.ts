import { expect, test } from "vitest";
import { coloredStyle } from "../../src/report/colored-style.ts";
import { problemsDocument, renderProblems } from "../../src/report/problems.ts";
import { plainStyle } from "../../src/report/style.ts";
import type { Problem } from "../../src/stack/problem.ts";

const problem: Problem = {
  severity: "error",
  path: ["kafak"],
  message: 'unknown key "kafak"',
  hint: 'did you mean "kafka"?',
  at: { line: 3, column: 1, length: 5 },
};
const view = {
  problems: [problem],
  file: "pipeline.yaml",
  text: "name: x\n\nkafak:\n",
  style: plainStyle,
};

test("a problem must show its place, line, caret and hint", () => {
  expect(renderProblems(view)).toBe(
    [
      'pipeline.yaml:3:1  error  unknown key "kafak"',
      "  3 | kafak:",
      "    | ^^^^^",
      '  hint: did you mean "kafka"?',
      "",
    ].join("\n"),
  );
});

test("without a place there must be no excerpt, and without problems nothing", () => {
  const { at: _, ...whole } = problem;
  expect(renderProblems({ ...view, problems: [whole] })).toBe(
    'pipeline.yaml  error  unknown key "kafak"\n  hint: did you mean "kafka"?\n',
  );
  expect(renderProblems({ ...view, problems: [] })).toBe("");
});

test("a narrow terminal must cut the line around the caret, which stays below its word", () => {
  const text = `kafka: { ${"a".repeat(100)}: 1, wrong: 2, ${"b".repeat(100)}: 3 }`;
  const column = text.indexOf("wrong") + 1;
  const at = { line: 1, column, length: 5 };
  const [, source = "", carets = ""] = renderProblems({
    ...view,
    text,
    problems: [{ ...problem, at }],
    columns: 60,
  }).split("\n");
  expect(source.length).toBeLessThanOrEqual(60);
  expect(source.indexOf("wrong")).toBe(carets.indexOf("^"));
  expect(carets.trimEnd().length).toBeLessThanOrEqual(60);
});

test("tabs and wide characters before the span must not move the caret", () => {
  const text = "a: {\t名前: 1, wrong: 2 }";
  const at = { line: 1, column: text.indexOf("wrong") + 1, length: 5 };
  const rendered = renderProblems({ ...view, text, problems: [{ ...problem, at }] });
  const [, source = "", carets = ""] = rendered.split("\n");
  // Each of the two wide characters takes two columns.
  expect(carets.indexOf("^")).toBe(source.indexOf("wrong") + 2);
});

test("colours must add nothing but colour sequences", () => {
  const coloured = renderProblems({ ...view, style: coloredStyle });
  expect(coloured).toContain("\u001B[031merror\u001B[039m");
  expect(coloured.replaceAll(/\u001B\[\d+m/g, "")).toBe(renderProblems(view));
});

test("the document must have dotted paths and positions, and be valid with warnings only", () => {
  const path = ["kafka", "port", 1];
  const document = problemsDocument({ file: "/x/pipeline.yaml", problems: [{ ...problem, path }] });
  expect(document).toEqual({
    file: "/x/pipeline.yaml",
    valid: false,
    problems: [
      {
        severity: "error",
        message: 'unknown key "kafak"',
        hint: 'did you mean "kafka"?',
        path: "kafka.port[1]",
        at: { file: "/x/pipeline.yaml", line: 3, column: 1 },
      },
    ],
  });
  const warning: Problem = { severity: "warning", path: [], message: "m" };
  expect(problemsDocument({ file: "f", problems: [warning] })).toEqual({
    file: "f",
    valid: true,
    problems: [{ severity: "warning", message: "m", path: "" }],
  });
});

test("control characters of the file are visible, and the caret stays below the span", () => {
  const text = '"a\u001B]0;x\u0007": 1\n';
  const at = { line: 1, column: 12, length: 1 };
  const shown = renderProblems({ ...view, text, problems: [{ ...problem, at }] });
  const [, source = "", caret = ""] = shown.split("\n");
  expect(source).toContain('"a^[]0;x^G": 1');
  expect(source[caret.indexOf("^")]).toBe("1");
});
