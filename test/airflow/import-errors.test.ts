import { expect, test } from "vitest";
import { hintForTrouble, importFailure, readImportError } from "../../src/airflow/import-errors.ts";

const trace = `Traceback (most recent call last):
  File "<frozen importlib._bootstrap>", line 241, in _call_with_frames_removed
  File "/opt/airflow/dags/report.py", line 2, in <module>
    from lib.names import x
  File "/opt/airflow/dags/lib/names.py", line 7, in <module>
    import nosuchmodule
  File "/usr/lib/python3.11/importlib/__init__.py", line 126, in import_module
ModuleNotFoundError: No module named 'nosuchmodule'
`;

test("an import error must be placed in the last file of the user's that it names", () => {
  expect(readImportError({ file: "report.py", stackTrace: trace, at: 0 })).toEqual({
    file: "lib/names.py",
    line: 7,
    message: "ModuleNotFoundError: No module named 'nosuchmodule'",
    missingModule: "nosuchmodule",
    replacement: undefined,
  });
});

test("the hint for a missing package names the key that adds it", () => {
  const failure = importFailure([{ file: "report.py", stackTrace: trace, at: 0 }], "");
  expect(failure.next).toBe(
    'add the package of "nosuchmodule" to airflow.requirements, then run dp up',
  );
});

test("text that is no Python must be placed, too", () => {
  const stackTrace = `  File "/opt/airflow/dags/report.py", line 3\n    with DAG(\n            ^\nSyntaxError: '(' was never closed\n`;
  const trouble = readImportError({ file: "report.py", stackTrace, at: 0 });
  expect(trouble).toEqual({
    file: "report.py",
    line: 3,
    message: "SyntaxError: '(' was never closed",
    missingModule: undefined,
    replacement: undefined,
  });
});

test("a trace without a place must still name the file", () => {
  const failure = importFailure(
    [{ file: "report.py", stackTrace: "Timed out\n", at: 0 }],
    "/home/me/dags",
  );
  expect(failure).toMatchObject({
    message: "Airflow can't load /home/me/dags/report.py",
    why: "Timed out",
    at: undefined,
  });
});

const removed = (message: string): ReturnType<typeof readImportError> =>
  readImportError({
    file: "old.py",
    stackTrace: `Traceback (most recent call last):\n  File "/opt/airflow/dags/old.py", line 4, in <module>\n    x\n${message}\n`,
    at: 0,
  });

// The messages are those of Airflow 3.3.2.
test.each([
  [
    "TypeError: DAG.__init__() got an unexpected keyword argument 'schedule_interval'",
    "replace `schedule_interval` with `schedule`",
  ],
  [
    "TypeError: DAG.__init__() got an unexpected keyword argument 'default_view'",
    "remove `default_view`",
  ],
  [
    "ModuleNotFoundError: No module named 'airflow.operators.bash_operator'",
    "replace `airflow.operators.bash_operator` with airflow.providers.standard.operators.bash",
  ],
  [
    "ModuleNotFoundError: No module named 'airflow.contrib.hooks'",
    "replace `airflow.contrib.hooks` with the module of a provider package",
  ],
  [
    "ImportError: cannot import name 'days_ago' from 'airflow.utils.dates' (/home/airflow/dates.py)",
    'replace `days_ago` with `pendulum.today("UTC").add(days=-N)`',
  ],
  [
    "ImportError: cannot import name 'DatasetAlias' from 'airflow' (/home/airflow/__init__.py)",
    "replace `DatasetAlias` with `AssetAlias` from airflow.sdk",
  ],
  [
    "TypeError: Invalid arguments were passed to PythonOperator (task_id: a). Invalid arguments were:\n**kwargs: {'provide_context': True, 'task_concurrency': 1}",
    "remove `provide_context`, and replace `task_concurrency` with `max_active_tis_per_dag`",
  ],
  [
    "AttributeError: NONE_FAILED_OR_SKIPPED",
    "replace `NONE_FAILED_OR_SKIPPED` with `NONE_FAILED_MIN_ONE_SUCCESS`",
  ],
  [
    "ValueError: The trigger_rule must be one of ['all_success', 'always'],'x.d'; received 'dummy'.",
    "replace `dummy` with `always`",
  ],
])("names the replacement for %j", (message, hint) => {
  const trouble = removed(message);
  expect(trouble).toMatchObject({ line: 4, missingModule: undefined, replacement: hint });
  expect(hintForTrouble(trouble)).toBe(`${hint}, or run dp pipeline lint`);
});

test("a missing provider of Airflow is a missing package", () => {
  const trouble = removed("ModuleNotFoundError: No module named 'airflow.providers.mysql'");
  expect(hintForTrouble(trouble)).toBe(
    'add the package of "airflow.providers.mysql" to airflow.requirements, then run dp up',
  );
});

test.each([
  "ModuleNotFoundError: No module named 'airflow.nosuch'",
  "ImportError: cannot import name 'chain' from 'itertools' (unknown location)",
  "TypeError: f() got an unexpected keyword argument 'x'",
  "AttributeError: 'NoneType' object has no attribute 'dummy'",
])("has no replacement for %j", (message) => {
  expect(removed(message)).toMatchObject({ missingModule: undefined, replacement: undefined });
});

test("a message of several lines is one line that begins with its type", () => {
  const text = "TypeError: Invalid arguments were:\n**kwargs: {'colour': 1}\n";
  expect(removed(text).message).toBe("TypeError: Invalid arguments were: **kwargs: {'colour': 1}");
});
