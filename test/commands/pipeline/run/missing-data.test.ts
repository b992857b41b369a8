import { expect, test } from "vitest";
import { findMissingData } from "../../../../src/commands/pipeline/run/missing-data.ts";

/** Real last lines of steps and tasks. */
test.each([
  ["FileNotFoundError: [Errno 2] No such file or directory: 'data/orders.csv'", "data/orders.csv"],
  [
    "error: orders.load: load.py:3 in main: FileNotFoundError: [Errno 2] No such file or directory: './data/a/b.csv'",
    "data/a/b.csv",
  ],
  [
    "FileNotFoundError: [Errno 2] No such file or directory: '/opt/dp/code/0123456789abcdef/data/a.csv'",
    "data/a.csv",
  ],
  ["cat: data/a.csv: No such file or directory", "data/a.csv"],
  ["ls: cannot access 'data/a.csv': No such file or directory", "data/a.csv"],
  ['IO Error: No files found that match the pattern "data/*.csv"', "data/*.csv"],
  ["FileNotFoundError: [Errno 2] No such file or directory: '/data/a.csv'", undefined],
  ["FileNotFoundError: [Errno 2] No such file or directory: 'input/data/a.csv'", undefined],
  ["cat: input/a.csv: No such file or directory", undefined],
])("finds the missing file of data/ in %j", (line, file) => {
  expect(findMissingData(["started", line, "  /opt/airflow/dags/a.py, line 3"])).toBe(file);
});
