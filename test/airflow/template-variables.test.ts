import { expect, test } from "vitest";
import { findRemovedVariables, replaceVariables } from "../../src/airflow/template-variables.ts";

const found = (text: string, kind: "python" | "template" = "template"): string[] =>
  findRemovedVariables(text, kind).map(
    ({ line, column, name, fix }) => `${line}:${column} ${name} ${fix ?? "none"}`,
  );

test.each([
  ["SELECT '{{ execution_date }}'", ["1:12 execution_date safe"]],
  ["a\n{{next_ds}} {{ prev_ds }}", ["2:3 next_ds unsafe", "2:16 prev_ds none"]],
  ["{% if yesterday_ds > '2020' %}x{% endif %}", ["1:7 yesterday_ds safe"]],
  ["{{ macros.ds_add(tomorrow_ds, -7) }}", ["1:18 tomorrow_ds safe"]],
  ["{{ dag_run.execution_date }}", ["1:4 execution_date safe"]],
  ["{{- prev_execution_date_success -}}", ["1:5 prev_execution_date_success unsafe"]],
])("finds removed variables in %j", (text, uses) => {
  expect(found(text)).toEqual(uses);
});

test.each([
  "{{ ds }} {{ logical_date }} {{ data_interval_end | ds }}",
  "execution_date outside of a template",
  "{{ params.execution_date }} {{ params['execution_date'] }}",
  '{{ var.value.get("next_ds") }} {{ my_next_ds }} {{ next_ds_extra }}',
  "json.loads(f'{{\"execution_date\": {x}}}')",
])("finds nothing in %j", (text) => {
  expect(found(text, "python")).toEqual([]);
});

test("a template in an f-string of Python escapes its braces", () => {
  expect(found('f"{table} {{{{ next_ds }}}}"', "python")).toEqual(["1:16 next_ds unsafe"]);
});

test.each([
  ['context["execution_date"]', ["1:10 execution_date safe"]],
  ["kwargs['tomorrow_ds']", ["1:9 tomorrow_ds none"]],
  ["kwargs.get('next_execution_date')", ["1:13 next_execution_date unsafe"]],
  ["def f(execution_date, **kwargs):", ["1:7 execution_date none"]],
  ["def f(ds, next_ds=None, **_):", ["1:11 next_ds none"]],
  ["def f(execution_date):", []],
  ['row["execution_date"]', []],
  ['context["execution_date"]  # noqa: AIR301', []],
])("finds removed keys of the context in %j", (text, uses) => {
  expect(found(text, "python")).toEqual(uses);
});

test.each([
  ["{{ execution_date }}", "{{ logical_date }}"],
  ["{{ dag_run.execution_date.isoformat() }}", "{{ logical_date.isoformat() }}"],
  ["{{ yesterday_ds }}", "{{ macros.ds_add(ds, -1) }}"],
  ["{{ tomorrow_ds_nodash }}", "{{ (logical_date + macros.timedelta(days=1)) | ds_nodash }}"],
  [
    "{{ f(yesterday_ds_nodash) }}",
    "{{ f(((logical_date - macros.timedelta(days=1)) | ds_nodash)) }}",
  ],
  ["{{ next_ds }} {{ prev_ds }}", "{{ next_ds }} {{ prev_ds }}"],
])("replaces %j without changing its value", (text, fixed) => {
  expect(replaceVariables(text, { kind: "template", unsafe: false })).toBe(fixed);
});

test.each([
  [
    "{{ next_ds }}\r\n{{ execution_date }}\r\n",
    "{{ data_interval_end | ds }}\r\n{{ logical_date }}\r\n",
  ],
  ["{{ next_ds.upper() }}", "{{ (data_interval_end | ds).upper() }}"],
  ["{{ prev_ds }}", "{{ prev_ds }}"],
])("replaces %j with unsafe", (text, fixed) => {
  expect(replaceVariables(text, { kind: "template", unsafe: true })).toBe(fixed);
});

test("renames keys of the context, and leaves arguments of functions", () => {
  const text = 'def f(execution_date, **context):\n    return context["execution_date"]\n';
  expect(replaceVariables(text, { kind: "python", unsafe: true })).toBe(
    'def f(execution_date, **context):\n    return context["logical_date"]\n',
  );
});

test("names what Python code writes instead, which has no filters and macros", () => {
  const text = 'context["tomorrow_ds"], context["next_ds_nodash"], context["prev_execution_date"]';
  expect(findRemovedVariables(text, "python").map(({ replacement }) => replacement)).toEqual([
    '(logical_date + timedelta(days=1)).strftime("%Y-%m-%d")',
    'data_interval_end.strftime("%Y%m%d")',
    "prev_data_interval_start_success",
  ]);
});
