import { execa } from "execa";
import { afterAll, beforeAll, expect, test } from "vitest";
import { failureOf } from "../support/run-dp.ts";
import { createShop, runOf, type RunDocument, type Shop } from "../support/shop.ts";
import { until } from "../support/until.ts";

const clean = `orders:
  steps:
    fetch: { from: "http://shop-api:8080/orders?count=1000", to: { topic: orders.raw, key: id } }
    clean: { from: "topic:orders.raw", transform: "orders.py:clean", to: "topic:orders.clean"ON_BAD }
`;
const oneBad = `def clean(record, ctx=None):
    if record["id"] == 700:
        raise ValueError("no such currency")
    return record
`;

let shop: Shop;

beforeAll(async () => {
  shop = await createShop(`nothing: { steps: { say: { run: "echo nothing" } } }\n`);
  await shop.succeed(["up"]);
});

afterAll(() => shop[Symbol.asyncDispose]());

/** Gives every test topics without records. */
async function emptyTopics(): Promise<void> {
  const topics = ["orders.raw", "orders.clean", "orders.bad"];
  await shop.succeed(["topic", "delete", ...topics, "--yes"]);
  await shop.succeed(["up"]);
}

/** The image has no `kill`. */
async function signalScheduler(signal: "SIGSTOP" | "SIGCONT" | "SIGKILL"): Promise<void> {
  const script = `import glob, os, signal
for path in glob.glob("/proc/[0-9]*/cmdline"):
    if open(path, "rb").read().startswith(b"airflow scheduler"):
        os.kill(int(path.split("/")[2]), signal.${signal})`;
  await execa("docker", ["exec", `${shop.name}-airflow`, "python", "-c", script]);
}

async function countOf(topic: string): Promise<number> {
  const { stdout } = await shop.succeed(["topic", "tail", topic, "-o", "start", "-e", "--json"]);
  return stdout.split("\n").filter((line) => line !== "").length;
}

function logOf({ failures }: RunDocument): string {
  return failures.flatMap(({ log }) => log).join("\n");
}

test("a syntax error in a transform must be told with file and line before anything starts: exit 2", async () => {
  await shop.write("orders.py", "def clean(record, ctx=None):\n    return {**record\n");
  await shop.setPipelines(clean.replace("ON_BAD", ""));
  const result = await shop.dp(["pipeline", "run", "orders"]);
  expect(result.code).toBe(2);
  expect(result.stderr).toContain("orders.py:2");
  expect(result.stderr).toContain("return {**record");
  expect(result.stderr).toContain("'{' was never closed");
  const { stdout } = await shop.succeed(["pipeline", "runs", "orders", "--json"]);
  expect(JSON.parse(stdout)).toMatchObject({ runs: [] });
});

test("one record of 1,000 that raises must fail the run, with its place and the line of the code: exit 10", async () => {
  await shop.write("orders.py", oneBad);
  await shop.setPipelines(clean.replace("ON_BAD", ""));
  const result = await shop.dp(["pipeline", "run", "orders", "--json"]);
  expect(result.code, result.stderr).toBe(10);
  const run = runOf(result);
  expect(run.steps).toMatchObject([{ state: "succeeded" }, { state: "failed" }]);
  const log = logOf(run);
  expect(log).toContain("no such currency");
  expect(log).toContain("orders.raw:0:700");
  expect(log).toMatch(/orders\.py(:|", line )3/);
});

test.each([
  ["skipped", "skip", 0],
  ["put aside", '"topic:orders.bad"', 1],
])("one record of 1,000 that raises must be %s where the file says so", async (_, onBad, aside) => {
  await emptyTopics();
  // A step of another name has a position of its own: it begins at the first record.
  const step = ` clean_${aside}:`;
  const text = clean.replace("ON_BAD", `, on_bad_record: ${onBad}`).replace(" clean:", step);
  await shop.setPipelines(text);
  const result = await shop.dp(["pipeline", "run", "orders", "--json"]);
  expect(result.code, result.stderr).toBe(0);
  expect(runOf(result).steps[1]).toMatchObject({
    recordsIn: 1000,
    recordsOut: 999,
    recordsBad: 1,
  });
  expect(await countOf("orders.clean")).toBe(999);
  expect(await countOf("orders.bad")).toBe(aside);
});

const retries = "retries: 2, retry_delay: 500ms";

test("an API that fails twice must be asked again until it answers", async () => {
  const url = "http://shop-api:8080/orders?fail=2&count=10";
  await shop.setPipelines(
    `orders: { ${retries}, steps: { fetch: { from: "${url}", to: "topic:orders.raw" } } }\n`,
  );
  const result = await shop.dp(["pipeline", "run", "orders", "--json"]);
  expect(result.code, result.stderr).toBe(0);
  expect(runOf(result).steps).toMatchObject([{ state: "succeeded", tries: 3, recordsOut: 10 }]);
});

test("an API that always fails must fail the run with what it said: exit 10", async () => {
  const url = "http://shop-api:8080/orders?fail=99";
  await shop.setPipelines(
    `orders: { ${retries}, steps: { fetch: { from: "${url}", to: "topic:orders.raw" } } }\n`,
  );
  const result = await shop.dp(["pipeline", "run", "orders", "--json"]);
  expect(result.code).toBe(10);
  const run = runOf(result);
  expect(run).toMatchObject({ state: "failed", steps: [{ state: "failed", tries: 3 }] });
  const log = logOf(run);
  expect(log).toContain("500");
  expect(log).toContain("the shop is closed");
});

test("a store that dies in mid-load must be loaded by a later try, whole and without doubles", async () => {
  const records = 60_000;
  const lines = Array.from(
    { length: records },
    (_, id) => `{"id":${id},"note":"${"x".repeat(80)}"}`,
  );
  await shop.write("notes.jsonl", `${lines.join("\n")}\n`);
  await emptyTopics();
  await shop.succeed(["topic", "produce", "orders.raw", "notes.jsonl"]);
  const to = "{ store: warehouse, table: notes, unique_key: id }";
  await shop.setPipelines(
    `notes: { retries: 10, retry_delay: 1s, steps: { load: { from: "topic:orders.raw", to: ${to} } } }\n`,
  );
  const running = shop.start(["pipeline", "run", "notes", "--json"]);
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
    `${records}|${records}`,
  );
});

test("a hand-written DAG that can't be imported must be told with its file and line: exit 1", async () => {
  const dag = `from airflow.sdk import DAG\n\nwith DAG("by_hand"):\n    undefined_name\n`;
  await shop.write("dags/by_hand.py", dag);
  await shop.configure(
    (await shop.read("pipeline.yaml"))
      .replace(/^name: .*\n/, "")
      .replace("airflow:\n", "airflow: { dags: dags }\n"),
  );
  const result = await shop.dp(["pipeline", "run", "by_hand", "--json"]);
  expect(result.code).toBe(1);
  const failure = failureOf(result);
  expect(failure.message).toContain("by_hand");
  expect(failure.why).toContain("undefined_name");
  expect(JSON.stringify(failure)).toContain("dags/by_hand.py");
  await shop.write("dags/by_hand.py", dag.replace("undefined_name", "pass"));
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

test("smoke must find a store that refuses to write: exit 10", async () => {
  await shop.sql("alter database warehouse set default_transaction_read_only = on");
  const result = await shop.dp(["smoke", "--only", "stores"]);
  await shop.sql("begin read write; alter database warehouse reset all; commit");
  expect(result.code).toBe(10);
  expect(result.stdout).toMatch(/stores +failed .*warehouse: .*read-only/);
});

test("smoke must find a scheduler that does nothing: exit 10", async () => {
  await signalScheduler("SIGSTOP");
  const result = await shop.dp(["smoke", "--only", "airflow", "--timeout", "5s"]);
  await signalScheduler("SIGCONT");
  expect(result.code).toBe(10);
  expect(result.stdout).toMatch(/airflow +failed .*no verdict within 5000 ms/);
});

test("a scheduler that dies in mid-run must end the wait with run id and next step; after up the run goes on: exit 1", async () => {
  await shop.setPipelines(
    `slow: { retries: 3, retry_delay: 1s, steps: { wait: { run: "sleep 8" } } }\n`,
  );
  const running = shop.start(["pipeline", "run", "slow", "--json"]);
  await running.event(({ target, state }) => target === "wait" && state === "start");
  await signalScheduler("SIGKILL");
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
  }, 60_000);
});
