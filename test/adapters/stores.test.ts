import { afterAll, beforeAll, expect, test } from "vitest";
import { DpError } from "../../src/errors.ts";
import { checkPostgres, withPostgres, type PostgresLogin } from "../../src/stores/postgres.ts";
import { waitUntilReady } from "../../src/async/wait-until-ready.ts";
import { engineClient } from "../support/docker.ts";
import { createProject, type Project } from "../support/project.ts";
import { until } from "../support/until.ts";
import { unusedPort } from "../support/unused-port.ts";

const signal = AbortSignal.timeout(60_000);
let project: Project;
let login: PostgresLogin;

beforeAll(async () => {
  project = await createProject("stores: { db: { type: postgres, password: secret } }\n");
  await project.succeed(["up"]);
  const { DB_URL: url = "" } = JSON.parse((await project.succeed(["env", "--json"])).stdout) as {
    DB_URL?: string;
  };
  const address = { host: "127.0.0.1", port: Number(new URL(url).port) };
  login = { address, database: "db", user: "dp", password: "secret" };
});

afterAll(() => project[Symbol.asyncDispose]());

test("a server that serves must be ready", async () => {
  expect(await checkPostgres(login, signal)).toEqual({ ready: true });
});

test.each([
  ["password", { password: "wrong" }, /password authentication failed for user "dp"/],
  ["user", { user: "nobody" }, /password authentication failed for user "nobody"/],
  ["database", { database: "other" }, /database "other" does not exist/],
])("a wrong %s must fail at once, in the server's words", async (_, wrong, why) => {
  const failure = await checkPostgres({ ...login, ...wrong }, signal).catch(
    (thrown: unknown) => thrown,
  );
  expect(failure).toBeInstanceOf(DpError);
  expect(failure).toMatchObject({ code: "store-failed" });
  expect((failure as DpError).why).toMatch(why);
});

test("a port where nothing listens must be waited for, and named", async () => {
  const port = await unusedPort();
  const address = { host: "127.0.0.1", port };
  expect(await checkPostgres({ ...login, address }, signal)).toEqual({
    ready: false,
    waitingFor: `nothing listens on port ${port}`,
  });
});

test("an abort must end a query that runs, with the signal's reason", async () => {
  const controller = new AbortController();
  const query = withPostgres({ login, signal: controller.signal, timeoutMs: 2000 }, (client) => {
    setTimeout(() => controller.abort(new Error("enough")), 50);
    return client.query("select pg_sleep(60)");
  });
  await expect(query).rejects.toThrow("enough");
});

test("a server that starts again must be waited for, with what it says meanwhile", async () => {
  const client = await engineClient();
  const said = new Set<string>();
  const container = client.getContainer(`${project.name}-db`);
  await container.stop();
  const probe = (attempt: AbortSignal) => checkPostgres(login, attempt);
  const onProgress = (text: string): void => void said.add(text);
  const ready = waitUntilReady({ target: "db", probe, timeoutMs: 30_000, signal, onProgress });
  await until(async () => said.size > 0);
  await container.start();
  await ready;
  const known = /nothing listens|does not take connections|is starting up|did not respond within/;
  expect([...said].filter((text) => !known.test(text))).toEqual([]);
});
