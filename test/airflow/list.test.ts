import { expect, test } from "vitest";
import type { AirflowClient } from "../../src/airflow/client.ts";
import { listRuns } from "../../src/airflow/runs.ts";

const { signal } = new AbortController();

/** An Airflow with runs r0, r1, …, of which it gives `most` at once; one more has started after a page. */
function airflowWith(count: number, { most = 100, newer = 0 } = {}) {
  const asked: string[] = [];
  const call = async <T>(sent: Parameters<AirflowClient["call"]>[0]): Promise<T> => {
    const { limit, offset } = sent.query as { limit: number; offset: number };
    asked.push(`${limit} from ${offset}`);
    const first = asked.length > 1 ? offset - newer : offset;
    const size = Math.max(0, Math.min(limit, most, count - first));
    const page = Array.from({ length: size }, (_, index) => ({
      dag_id: "p",
      dag_run_id: `r${first + index}`,
      state: "success",
      duration: null,
    }));
    return { dag_runs: page, total_entries: count + newer } as T;
  };
  return { client: { call } as AirflowClient, asked };
}

const ids = async (client: AirflowClient, limit?: number): Promise<string[]> =>
  (await listRuns(client, limit === undefined ? {} : { limit }, signal)).map(({ id }) => id);

const names = (count: number): string[] => Array.from({ length: count }, (_, index) => `r${index}`);

test.each([
  [250, undefined, ["100 from 0", "100 from 100", "100 from 200"]],
  [250, 150, ["100 from 0", "50 from 100"]],
  [100, undefined, ["100 from 0"]],
  [0, 10, ["10 from 0"]],
])("reads %d runs, %s at most, page by page", async (count, limit, pages) => {
  const { client, asked } = airflowWith(count);
  expect(await ids(client, limit)).toEqual(names(Math.min(count, limit ?? count)));
  expect(asked).toEqual(pages);
});

test("reads on when Airflow gives less at once than it is asked for", async () => {
  expect(await ids(airflowWith(120, { most: 50 }).client)).toEqual(names(120));
});

test("lists a run once that moves to the next page meanwhile", async () => {
  expect(await ids(airflowWith(150, { newer: 1 }).client)).toEqual(names(150));
});
