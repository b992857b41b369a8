import { expect, test } from "vitest";
import { importFailure, readImportError } from "../../src/airflow/import-errors.ts";

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
  });
});

test("the hint for a missing package names the key that adds it", () => {
  const failure = importFailure([{ file: "report.py", stackTrace: trace, at: 0 }], (path) => path);
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
  });
});

test("a trace without a place must still name the file", () => {
  const failure = importFailure(
    [{ file: "report.py", stackTrace: "Timed out\n", at: 0 }],
    (path) => `/home/me/dags/${path}`,
  );
  expect(failure).toMatchObject({
    message: "Airflow can't load /home/me/dags/report.py",
    why: "Timed out",
    at: undefined,
  });
});
