import { expect, test } from "vitest";
import {
  findVariables,
  fixVariables,
  mergeFindings,
  textKind,
  toFileImport,
  type RawFinding,
} from "../../../../src/commands/pipeline/lint/findings.ts";

const file = (path: string, content: string) => ({ path, content: Buffer.from(content) });

const raw = (more: Partial<RawFinding>): RawFinding => ({
  file: "a.py",
  line: 1,
  column: 1,
  rule: "AIR301",
  message: "`schedule_interval` is removed in Airflow 3.0",
  hint: null,
  fix: "safe",
  ...more,
});

test.each([
  ["a.py", "x", "python"],
  ["sql/a.sql", "x", "template"],
  ["mail.HTML", "x", "template"],
  ["a.py.orig", "x", undefined],
  ["a.csv", "x", undefined],
  ["Makefile", "x", undefined],
])("a file %s is read as %s", (path, content, kind) => {
  expect(textKind(file(path, content))).toBe(kind);
});

test("a file that is not UTF-8 is not read", () => {
  expect(textKind({ path: "a.py", content: Buffer.from([0xe9, 0x0a]) })).toBeUndefined();
});

test("finds variables in Python and in templates, with their replacement", () => {
  const files = [file("a.sql", "'{{ next_ds }}'"), file("b.csv", "{{ next_ds }}")];
  expect(findVariables(files)).toEqual([
    {
      file: "a.sql",
      line: 1,
      column: 5,
      rule: "template",
      message: "`next_ds` is removed in Airflow 3.0",
      hint: "Use `{{ data_interval_end | ds }}`",
      fix: "unsafe",
    },
  ]);
});

test("fixes only files that change, and keeps line ends and the byte order mark", () => {
  const files = [
    file("a.sql", "\uFEFFa\r\n{{ execution_date }}\r\n"),
    file("b.sql", "{{ ds }}\r\n"),
  ];
  expect(fixVariables(files, false)).toEqual([file("a.sql", "\uFEFFa\r\n{{ logical_date }}\r\n")]);
});

test("what ruff and dp find at one place is listed once, with the fix of either", () => {
  const own = findVariables([
    file("a.py", 'context["execution_date"]\ndef f(execution_date, **kwargs): ...'),
  ]);
  const message = "`execution_date` is removed in Airflow 3.0";
  const both = [raw({ message, fix: null }), raw({ message, line: 2, column: 7, fix: null })];
  expect(mergeFindings(both, own).map(({ line, rule, fix }) => ({ line, rule, fix }))).toEqual([
    { line: 1, rule: "context", fix: "safe" },
    { line: 2, rule: "AIR301", fix: null },
  ]);
});

test("sorts findings by file, line, and column", () => {
  const places = [
    { file: "b.py", line: 1, column: 1 },
    { file: "a.py", line: 10, column: 2 },
    { file: "a.py", line: 9, column: 5 },
    { file: "a.py", line: 10, column: 1 },
  ];
  const sorted = mergeFindings(places.map(raw), []);
  expect(sorted.map((one) => `${one.file}:${one.line}:${one.column}`)).toEqual([
    "a.py:9:5",
    "a.py:10:1",
    "a.py:10:2",
    "b.py:1:1",
  ]);
});

test.each([
  [
    "AIR311",
    "`airflow.DAG` is removed in Airflow 3.0; It still works in Airflow 3.0 but is expected to be removed in a future version.",
    "`airflow.DAG` is deprecated in Airflow 3.0",
  ],
  [
    "AIR302",
    "`airflow.operators.bash_operator.BashOperator` is moved into `standard` provider in Airflow 3.0;",
    "`airflow.operators.bash_operator.BashOperator` is moved into `standard` provider in Airflow 3.0",
  ],
  ["syntax", "Expected `)`, found newline", "Expected `)`, found newline"],
])("the message of %s distinguishes removed from deprecated names", (rule, message, shown) => {
  expect(mergeFindings([raw({ rule, message, fix: "display" })], [])).toMatchObject([
    { message: shown, fix: null },
  ]);
});

test("an import error has its place and a hint where one is known", () => {
  const trace = `Traceback (most recent call last):\n  File "/opt/airflow/dags/lib/a.py", line 3, in <module>\n    import pandas\nModuleNotFoundError: No module named 'pandas'\n`;
  expect(toFileImport({ file: "b.py", dags: [], error: trace })).toEqual({
    file: "b.py",
    dags: [],
    error: {
      file: "lib/a.py",
      line: 3,
      message: "ModuleNotFoundError: No module named 'pandas'",
      hint: 'add the package of "pandas" to airflow.requirements',
    },
  });
  expect(toFileImport({ file: "c.py", dags: [], error: "ValueError: x\n" }).error).toEqual({
    file: "c.py",
    line: null,
    message: "ValueError: x",
    hint: null,
  });
});

// The messages are those of Airflow 3.3.2.
test.each([
  [
    "airflow.sdk.exceptions.AirflowRuntimeError: VARIABLE_NOT_FOUND: {'message': 'Variable limit not found'}",
    'this check has no Variables of Airflow\'s database: add "limit" to airflow.variables',
  ],
  [
    "KeyError: 'Variable limit does not exist.'",
    'this check has no Variables of Airflow\'s database: add "limit" to airflow.variables',
  ],
  [
    "airflow.sdk.exceptions.AirflowNotFoundException: The conn_id `crm` isn't defined",
    'this check has no Connections of Airflow\'s database: add "crm" to airflow.connections',
  ],
])("%j has a hint about the database", (message, hint) => {
  expect(toFileImport({ file: "a.py", dags: [], error: message }).error).toMatchObject({ hint });
});
