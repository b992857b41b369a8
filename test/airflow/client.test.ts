import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, expect, test, vi } from "vitest";
import { openAirflow, type AirflowClient } from "../../src/airflow/client.ts";
import { checkAirflow } from "../../src/airflow/health.ts";
import { triggerRun } from "../../src/airflow/runs.ts";

const { signal } = new AbortController();
const now = new Date("2026-11-30T10:00:00.000Z");
const started = { dag_run_id: "own", dag_id: "p", state: "queued", run_after: now.toISOString() };

interface Call {
  readonly method: string | undefined;
  readonly body: { readonly logical_date?: string };
}

type Answer = (call: Call, response: ServerResponse) => void;

const open: (() => void)[] = [];

afterEach(() => {
  vi.useRealTimers();
  for (const close of open.splice(0)) close();
});

/** An Airflow that gives these answers in turn, the last one again and again. */
function airflowThat(...answers: Answer[]): Promise<{ client: AirflowClient; calls: Call[] }> {
  return patientAirflow(undefined, answers);
}

/** As airflowThat, with a client that gives each call this time. */
async function patientAirflow(
  timeoutMs: number | undefined,
  answers: readonly Answer[],
): Promise<{ client: AirflowClient; calls: Call[] }> {
  const calls: Call[] = [];
  const server = createServer((request, response) => {
    void text(request).then((sent) => {
      const call = { method: request.method, body: JSON.parse(sent || "{}") as Call["body"] };
      calls.push(call);
      answers[Math.min(calls.length, answers.length) - 1]?.(call, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const options = timeoutMs === undefined ? {} : { timeoutMs };
  const client = openAirflow({ host: "127.0.0.1", port }, options);
  open.push(() => {
    client.close();
    server.close();
  });
  return { client, calls };
}

const reply =
  (status: number, body: object = {}): Answer =>
  (_, response) =>
    response.writeHead(status).end(JSON.stringify(body));

const breakOff: Answer = (_, response) => response.destroy();

const trigger = (client: AirflowClient) =>
  triggerRun(client, { dag: "p", id: "own", conf: {}, now }, signal);

test("sends a call again after HTTP 500, and after a connection that Airflow ended", async () => {
  const { client, calls } = await airflowThat(
    reply(500, { detail: "Database error" }),
    breakOff,
    reply(503),
    reply(200, started),
  );
  expect(await trigger(client)).toMatchObject({ id: "own", state: "queued" });
  expect(calls.map(({ method }) => method)).toEqual(["POST", "POST", "POST", "POST"]);
});

test("returns the run of its own id when the answer to an earlier attempt was lost", async () => {
  const { client, calls } = await airflowThat(breakOff, reply(409), reply(200, started));
  expect(await trigger(client)).toMatchObject({ id: "own" });
  expect(calls.map(({ method }) => method)).toEqual(["POST", "POST", "GET"]);
});

test("takes a later logical date when another run of the DAG has the same one", async () => {
  const conflict = { detail: { reason: "Unique constraint violation" } };
  const { client, calls } = await airflowThat(
    reply(409, conflict),
    reply(404),
    reply(409, conflict),
    reply(404),
    reply(200, started),
  );
  expect(await trigger(client)).toMatchObject({ id: "own" });
  const dates = calls.flatMap(({ body }) => body.logical_date ?? []);
  expect(dates.map((date) => Date.parse(date) - now.getTime())).toEqual([0, 1, 2]);
});

test("reports a refusal at once", async () => {
  const { client, calls } = await airflowThat(reply(422, { detail: "not a date" }));
  await expect(trigger(client)).rejects.toMatchObject({
    code: "airflow-failed",
    why: "not a date (HTTP 422)",
  });
  expect(calls).toHaveLength(1);
});

test("asks once for a readiness that is asked for again anyway", async () => {
  const { client, calls } = await airflowThat(reply(500));
  const result = await checkAirflow(client.address, signal);
  expect(result).toMatchObject({ ready: false });
  expect(calls).toHaveLength(1);
});

/** Takes a call and never answers. */
const stayOpen: Answer = () => {};

/** Lets the time pass that a client gives an Airflow which stays silent, once it has a number of calls. */
async function passAttempts(calls: readonly Call[], count: number): Promise<void> {
  for (let made = 1; made <= count; made++) {
    await vi.waitUntil(() => calls.length >= made);
    await vi.advanceTimersByTimeAsync(30_000);
    await vi.advanceTimersByTimeAsync(250);
  }
}

test("sends a call again that Airflow did not answer within 30 s, for all of its time", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const { client, calls } = await patientAirflow(180_000, [stayOpen, stayOpen, reply(200, {})]);
  const answer = client.call({ path: "/dags", signal });
  await passAttempts(calls, 2);
  expect(await answer).toEqual({});
  expect(calls).toHaveLength(3);
});

test("reports the silence of an Airflow that answers no attempt", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const { client, calls } = await patientAirflow(60_000, [stayOpen]);
  const failure = client.call({ path: "/dags", signal }).catch((thrown: unknown) => thrown);
  await passAttempts(calls, 2);
  expect(await failure).toMatchObject({
    code: "airflow-failed",
    message: `Airflow does not answer on 127.0.0.1:${client.address.port}`,
    why: "it took the call (GET /dags) and was silent for 30 s",
  });
});
