import { expect, test } from "vitest";
import type { AirflowClient, Call } from "../../src/airflow/client.ts";
import { followRun } from "../../src/airflow/follow.ts";
import { createLogNews } from "../../src/airflow/task-log.ts";

const second = (at: number): string => new Date(Date.UTC(2026, 0, 1) + at * 1000).toISOString();
const entry = (event: string, at = 0) => ({ event, timestamp: second(at), logger: "task.stdout" });
const task = { task_id: "a", try_number: 1, max_tries: 1, map_index: -1, end_date: null };
const run = { dag_id: "d", dag_run_id: "r", run_type: "manual", run_after: second(0) };

/** What is told of a task that runs at the first poll and has ended at the second. */
async function linesTold(logs: readonly (readonly object[])[]): Promise<string[]> {
  const states = ["running", "success"];
  let poll = -1;
  let reading = -1;
  const answer = ({ path }: Call): unknown => {
    if (path.includes("/logs/")) return { content: logs[++reading] };
    if (path.endsWith("/taskInstances")) {
      return { task_instances: [{ ...task, state: states[poll], duration: 1 }] };
    }
    return { ...run, state: states[++poll], start_date: null, duration: null };
  };
  // A real Airflow sorts a line in late, or ends a task between two calls, now and then only.
  const call = async (one: Call) => answer(one);
  const client = { find: call, call } as unknown as AirflowClient;
  const told: string[] = [];
  await followRun({
    client,
    dag: "d",
    run: "r",
    onEvent: (event) => event.type === "line" && told.push(event.line),
    signal: new AbortController().signal,
  });
  return told;
}

test.each([
  ["that was whole at the first reading", [entry("one", 1), entry("three", 3)]],
  ["that has grown since", [entry("one", 1), entry("three", 3), entry("four", 4)]],
  ["into which a line was sorted since", [entry("one", 1), entry("two", 2), entry("three", 3)]],
])("a log %s must be told once", async (_, last) => {
  const told = await linesTold([[entry("one", 1), entry("three", 3)], last]);
  expect(told.toSorted()).toEqual(last.map(({ event }) => event).toSorted());
});

test("lines that read alike must all be told, and none of a long log again", () => {
  const news = createLogNews();
  const log = Array.from({ length: 100 }, (_, at) => entry("alike", at));
  expect(news(log.slice(0, 50))).toHaveLength(50);
  expect(news(log)).toEqual(log.slice(50));
  expect(news(log)).toEqual([]);
});
