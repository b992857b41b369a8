import { expect, test } from "vitest";
import { linesOf } from "../../src/airflow/task-log.ts";

const timestamp = "2026-11-23T01:52:08.005177Z";
const shell = "airflow.task.hooks.airflow.providers.standard.hooks.subprocess.SubprocessHook";
const fromShell = (event: string) => ({ timestamp, event, logger: shell });
const fromRunner = (event: string) => ({
  timestamp,
  event,
  logger: "task",
  filename: "task_runner.py",
});

test("of the log of a command only its own output must be told", () => {
  const lines = linesOf([
    { event: "::group::Log message source details" },
    { event: "/opt/airflow/logs/dag_id=a/run_id=b/task_id=c/attempt=1.log" },
    { event: "::endgroup::" },
    fromRunner("::group::Pre Execute"),
    {
      timestamp,
      event: "DAG bundles loaded: dags-folder",
      logger: "airflow.dag_processing.bundles",
    },
    fromRunner("Worker startup parse complete"),
    fromRunner("::endgroup::"),
    fromShell("Tmp dir root location: /tmp"),
    fromShell("Running command: ['/usr/bin/bash', '-c', 'x']"),
    fromShell("Output:"),
    fromShell("a line of the user's"),
    fromShell("Command exited with return code 1"),
    {
      ...fromRunner("Task failed with exception"),
      error_detail: [
        {
          exc_type: "AirflowException",
          exc_value: "Bash command failed. It returned 1.",
          frames: [],
        },
      ],
    },
    fromRunner("::group::Post Execute"),
    fromRunner("::endgroup::"),
  ]);
  expect(lines).toEqual(["a line of the user's"]);
});

test("a part that begins in the middle of a group must tell nothing of Airflow's own", () => {
  const lines = linesOf([
    fromRunner("Worker startup parse complete"),
    fromRunner("::endgroup::"),
    { timestamp, event: "printed", logger: "task.stdout" },
  ]);
  expect(lines).toEqual(["printed"]);
});

test("an exception must be told with the last line of the user's own code", () => {
  const frames = [
    { filename: "/home/airflow/.local/lib/python3.11/site-packages/airflow/sdk/x.py", lineno: 1 },
    { filename: "/opt/airflow/dags/mine.py", lineno: 9 },
    { filename: "/home/airflow/.local/lib/python3.11/site-packages/lib.py", lineno: 3 },
  ];
  const failed = {
    ...fromRunner("Task failed with exception"),
    error_detail: [{ exc_type: "ValueError", exc_value: "no\ngood", frames }],
  };
  expect(linesOf([failed])).toEqual([
    "ValueError: no",
    "good",
    "  /opt/airflow/dags/mine.py, line 9",
  ]);
});

test("entries that are plain text must not be told: they name the files that were read", () => {
  expect(linesOf(["/opt/airflow/logs/a.log"])).toEqual([]);
});

test("a task that took too long must be told in dp's words", () => {
  const lines = linesOf([
    { timestamp, event: "Process timed out", logger: "task", filename: "timeout.py" },
    fromShell("Sending SIGTERM signal to process group"),
    {
      ...fromRunner("Task failed with exception"),
      error_detail: [{ exc_type: "AirflowTaskTimeout", exc_value: "Timeout, PID: 488" }],
    },
  ]);
  expect(lines).toEqual(["error: it took longer than its timeout"]);
});

test("a long value that a task returned is shortened while the log is followed", () => {
  const operator = "airflow.task.operators.airflow.providers.standard.decorators.python";
  const entry = (event: string, logger = operator) => ({ timestamp, event, logger });
  const long = "😀".repeat(300);
  const content = [
    entry("Done. Returned value was: 5"),
    entry(`Done. Returned value was: ${long}\nnext`),
    entry(`Done. Returned value was: ${long}`, "task.stdout"),
  ];
  expect(linesOf(content, "shortened")).toEqual([
    "Done. Returned value was: 5",
    `Done. Returned value was: ${"😀".repeat(200)}… (305 characters)`,
    `Done. Returned value was: ${long}`,
  ]);
  expect(linesOf(content)).toContain(`Done. Returned value was: ${long}`);
});
