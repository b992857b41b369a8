import { execa } from "execa";
import { afterAll, beforeAll, expect, test } from "vitest";
import { failureOf, type DpResult } from "../support/run-dp.ts";
import { signalScheduler } from "../support/signal-scheduler.ts";
import { createShop, runOf, type RunDocument, type Shop } from "../support/shop.ts";
import { until } from "../support/until.ts";

const retries = "retries: 2, retry_delay: 100ms";
const api = "http://shop-api:8080/orders";
const noteCount = 60_000;

/** One pipeline for each test, with topics of its own: they can run beside each other. */
const pipelines = `orders:
  steps:
    fetch: { from: "${api}?count=1000", to: { topic: orders.raw, key: id } }
    clean: { from: "topic:orders.raw", transform: "orders.py:clean", to: "topic:orders.clean" }
aside:
  steps:
    clean: { from: "topic:given", transform: "orders.py:clean", to: "topic:aside.clean", on_bad_record: "topic:aside.bad" }
skipped:
  steps:
    clean: { from: "topic:given", transform: "orders.py:clean", to: "topic:skipped.clean", on_bad_record: skip }
twice: { ${retries}, steps: { fetch: { from: "${api}?fail=2&count=10", to: "topic:twice" } } }
always: { ${retries}, steps: { fetch: { from: "${api}?fail=99", to: "topic:always" } } }
notes:
  retries: 20
  retry_delay: 1s
  steps:
    load: { from: "topic:notes", to: { store: warehouse, table: notes, unique_key: id } }
# Waits at its first try only.
slow: { retries: 3, retry_delay: 1s, steps: { wait: { run: "mkdir /tmp/begun && sleep 60; true" } } }
`;
const topics =
  "orders.raw orders.clean given aside.clean aside.bad skipped.clean twice always notes".split(" ");
const oneBad = `def clean(record, ctx=None):
    if record["id"] == 700:
        raise ValueError("no such currency")
    return record
`;

let shop: Shop;

beforeAll(async () => {
  shop = await createShop({ topics, pipelines });
  await shop.write("orders.py", oneBad);
  await shop.succeed(["up"]);
  await produceIds("given", 1000, "");
  await produceIds("notes", noteCount, "x".repeat(80));
});

afterAll(() => shop[Symbol.asyncDispose]());

/** Writes records with ids from 0 on. */
async function produceIds(topic: string, count: number, note: string): Promise<void> {
  const lines = Array.from({ length: count }, (_, id) => JSON.stringify({ id, note }));
  await shop.write(`${topic}.jsonl`, `${lines.join("\n")}\n`);
  await shop.succeed(["topic", "produce", topic, `${topic}.jsonl`]);
}

const run = (name: string, ...more: string[]): Promise<DpResult> =>
  shop.dp(["pipeline", "run", name, "--json", ...more]);

async function countOf(topic: string): Promise<number> {
  const { stdout } = await shop.succeed(["topic", "tail", topic, "-o", "start", "-e", "--json"]);
  return stdout.split("\n").filter((line) => line !== "").length;
}

function logOf({ failures }: RunDocument): string {
  return failures.flatMap(({ log }) => log).join("\n");
}

test.concurrent("one record of 1,000 that raises fails the run, with its place and line: exit 10", async () => {
  const result = await run("orders");
  expect(result.code, result.stderr).toBe(10);
  const document = runOf(result);
  expect(document.steps).toMatchObject([{ state: "succeeded" }, { state: "failed" }]);
  const log = logOf(document);
  expect(log).toContain("no such currency");
  expect(log).toContain("orders.raw:0:700");
  expect(log).toMatch(/orders\.py(:|", line )3/);
});

test.concurrent("an API that fails twice is called again until it responds", async () => {
  const result = await run("twice");
  expect(result.code, result.stderr).toBe(0);
  expect(runOf(result).steps).toMatchObject([{ state: "succeeded", tries: 3, recordsOut: 10 }]);
});

const counts = { recordsIn: 1000, recordsOut: 999, recordsBad: 1 };

test.concurrent("one record of 1,000 that raises goes to the topic of on_bad_record", async () => {
  const result = await run("aside");
  expect(result.code, result.stderr).toBe(0);
  expect(runOf(result).steps).toMatchObject([counts]);
  expect(await countOf("aside.clean")).toBe(999);
  expect(await countOf("aside.bad")).toBe(1);
});

test.concurrent("one record of 1,000 that raises is skipped with on_bad_record: skip", async () => {
  const result = await run("skipped", "--local");
  expect(result.code, result.stderr).toBe(0);
  expect(runOf(result).steps).toMatchObject([counts]);
  expect(await countOf("skipped.clean")).toBe(999);
});

test.concurrent("an API that always fails fails the run with its message: exit 10", async () => {
  const result = await run("always");
  expect(result.code).toBe(10);
  const document = runOf(result);
  expect(document).toMatchObject({ state: "failed", steps: [{ state: "failed", tries: 3 }] });
  const log = logOf(document);
  expect(log).toContain("500");
  expect(log).toContain("the shop is closed");
});

test.concurrent("a store that dies in mid-load is loaded by a later try, without duplicates", async () => {
  const running = shop.start(["pipeline", "run", "notes", "--local", "--json"]);
  const committed = async (): Promise<number> =>
    Number(await shop.sql("select count(*) from notes").catch(() => "0"));
  await until(async () => (await committed()) > 0);
  await execa("docker", ["kill", `${shop.name}-warehouse`]);
  await running.event(({ type, target }) => type === "progress" && target === "load");
  await execa("docker", ["start", `${shop.name}-warehouse`]);
  const result = await running.done;
  expect(result.code, result.stderr).toBe(0);
  const [load] = runOf(result).steps;
  expect(load?.state).toBe("succeeded");
  expect(load?.tries).toBeGreaterThan(1);
  expect(await shop.sql("select count(*), count(distinct id) from notes")).toBe(
    `${noteCount}|${noteCount}`,
  );
});

test("smoke must pass on the whole platform, and leave no DAG and no table", async () => {
  const tables = "select count(*) from pg_tables where tablename like 'dp_smoke%'";
  const { stdout } = await shop.succeed(["smoke", "--only", "airflow,stores", "--json"]);
  const { checks } = JSON.parse(stdout) as { checks: { verdict: string; evidence: string }[] };
  expect(checks.map(({ verdict }) => verdict)).toEqual(["passed", "passed"]);
  expect(await shop.sql(tables)).toBe("0");
  const listed = await shop.succeed(["pipeline", "list", "--json"]);
  expect(listed.stdout).not.toContain("dpsmoke");
});

test.concurrent("smoke must find a store that refuses to write: exit 10", async () => {
  await shop.sql("alter database warehouse set default_transaction_read_only = on");
  const result = await shop.dp(["smoke", "--only", "stores"]);
  await shop.sql("begin read write; alter database warehouse reset all; commit");
  expect(result.code).toBe(10);
  expect(result.stdout).toMatch(/stores +failed .*warehouse: .*read-only/);
});

test.concurrent("smoke must find a scheduler that does nothing: exit 10", async () => {
  await signalScheduler(`${shop.name}-airflow`, "SIGSTOP");
  const result = await shop.dp(["smoke", "--only", "airflow", "--timeout", "5s"]);
  await signalScheduler(`${shop.name}-airflow`, "SIGCONT");
  expect(result.code).toBe(10);
  expect(result.stdout).toMatch(/airflow +failed .*no verdict within 5000 ms/);
  // It may have been frozen with the lock of the database, for longer than the other components wait.
  await shop.succeed(["up"]);
});

test("a scheduler that dies in mid-run must end the wait with run id and next step; after up the run goes on: exit 1", async () => {
  const running = shop.start(["pipeline", "run", "slow", "--json"]);
  await running.event(({ target, state }) => target === "wait" && state === "start");
  await signalScheduler(`${shop.name}-airflow`, "SIGKILL");
  const result = await running.done;
  expect(result.code).toBe(1);
  const failure = failureOf(result);
  expect(`${failure.message} ${failure.why}`).toContain("could not find out");
  const run = /dp__[\w-]+/.exec(JSON.stringify(failure))?.[0];
  expect(run).toBeDefined();
  expect(failure.next).toContain("dp up");
  await shop.succeed(["up"]);
  await until(async () => {
    const { stdout } = await shop.succeed(["pipeline", "runs", "slow", "--json"]);
    const { runs } = JSON.parse(stdout) as { runs: { run: string; state: string }[] };
    return runs.some((one) => one.run === run && one.state === "succeeded");
  }, 120_000);
});
