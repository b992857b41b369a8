import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { engineClient } from "../support/docker.ts";
import { createProject, type Project } from "../support/project.ts";
import type { DpResult } from "../support/run-dp.ts";

const secret = "hunter2hunter2";

const file = `kafka:
airflow:
  dags: dags
  volumes: ["./data:/data:ro", "./out:/out", "state:/opt/state"]
  variables: { region: eu, limits: '{"daily": 5}' }
  connections:
    crm: { conn_type: http, host: crm.example, password: "\${CRM_PASSWORD}", extra: { verify: false } }
stores:
  warehouse:
  cache: { type: redis }
  lake: { type: s3, buckets: raw }
topics: [orders]
`;

const connectionsDag = `from airflow.providers.amazon.aws.hooks.s3 import S3Hook
from airflow.providers.apache.kafka.hooks.consume import KafkaConsumerHook
from airflow.providers.postgres.hooks.postgres import PostgresHook
from airflow.providers.redis.hooks.redis import RedisHook
from airflow.providers.standard.sensors.filesystem import FileSensor
from airflow.sdk import BaseHook, DAG, Variable, task

region = Variable.get("region")

with DAG("connections", schedule=None):

    @task
    def use():
        print("variables", region, Variable.get("limits", deserialize_json=True)["daily"])
        crm = BaseHook.get_connection("crm")
        print("crm", crm.host, len(crm.password), crm.extra_dejson)
        print("postgres", PostgresHook().get_first("select 41 + 1"), PostgresHook("warehouse").get_first("select 1"))
        S3Hook().load_string("hello", "a.txt", bucket_name="raw", replace=True)
        print("s3", S3Hook("lake").read_key("a.txt", "raw"))
        RedisHook().get_conn().set("key", "value")
        print("redis", RedisHook("cache").get_conn().get("key"))
        consumer = KafkaConsumerHook(topics=["orders"]).get_consumer()
        print("kafka", [each.value() for each in consumer.consume(1, timeout=30)])
        consumer.close()

    FileSensor(task_id="file", filepath="etc/hostname", poke_interval=1, timeout=30) >> use()
`;

const reportDag = `from notify import send
from modules.api import fetch
from src.clean import clean
import redis

with DAG("report", schedule=None):

    @task
    def show():
        from src.late import late
        send(clean(fetch()), late(), redis.__name__, hasattr(redis, "Redis"))
        with open("/data/numbers.csv") as numbers, open("/opt/state/copy.csv", "w") as copy:
            copy.write(numbers.read())
        with open("/opt/state/copy.csv") as copy:
            print("state", copy.read().split())
        return "x" * 20000

    show()
`;

const deferringDag = `from datetime import timedelta

from airflow.providers.standard.triggers.temporal import TimeDeltaTrigger
from airflow.sdk import BaseOperator, DAG


class Later(BaseOperator):
    def execute(self, context):
        self.defer(trigger=TimeDeltaTrigger(timedelta(seconds=1)), method_name="finish")

    def finish(self, context, event=None):
        print("continued")


with DAG("deferring", schedule=None):
    Later(task_id="later")
`;

const missingDag = `from airflow.sdk import DAG, task

with DAG("missing", schedule=None):

    @task
    def read():
        open("data/numbers.csv")

    read()
`;

const modules = {
  "dags/report.py": `from airflow.sdk import DAG, task\n${reportDag}`,
  "dags/missing.py": missingDag,
  "src/__init__.py": "",
  "src/clean.py": "def clean(value):\n    return value.strip()\n",
  "src/late.py": "def late():\n    return 'first'\n",
  "modules/api.py": "def fetch():\n    return ' fetched '\n",
  "plugins/notify.py": "def send(*values):\n    print('sent', *values)\n",
  "redis.py": "raise RuntimeError('not the package')\n",
  "data/numbers.csv": "1\n2\n",
};

let shop: Project;
let up: DpResult;

beforeAll(async () => {
  shop = await createProject(file);
  await shop.write(".env", `CRM_PASSWORD=${secret}\n`);
  await shop.write("dags/connections.py", connectionsDag);
  await shop.write("dags/deferring.py", deferringDag);
  for (const [path, content] of Object.entries(modules)) await shop.write(path, content);
  await mkdir(join(shop.folder, "out"), { mode: 0o755 });
  up = await shop.succeed(["up"]);
});

afterAll(() => shop[Symbol.asyncDispose]());

test("a DAG uses variables, connections of pipeline.yaml, and default connections", async () => {
  await shop.succeed(["topic", "produce", "orders"], { input: "first\n" });
  const { stdout, stderr } = await shop.succeed(["pipeline", "run", "connections"]);
  const lines = (stdout + stderr).split("\n");
  expect(lines).toEqual(
    expect.arrayContaining([
      "use | variables eu 5",
      `use | crm crm.example ${secret.length} {'verify': False}`,
      "use | postgres (42,) (1,)",
      "use | s3 hello",
      "use | redis b'value'",
      "use | kafka [b'first']",
    ]),
  );
  const { stdout: groups } = await shop.succeed(["group", "list"]);
  expect(groups).toContain(`dp.${shop.name}.airflow`);
});

test("no password of a connection is in the container's description or environment", async () => {
  const container = (await engineClient()).getContainer(`${shop.name}-airflow`);
  expect(JSON.stringify(await container.inspect())).not.toContain(secret);
  const { stdout } = await shop.succeed([
    "exec",
    "airflow",
    "--",
    "stat",
    "--format=%a %u",
    "/etc/dp/connections.json",
  ]);
  expect(stdout).toBe("600 50000\n");
});

test("a DAG imports modules of the project, and its volumes have data", async () => {
  const { stdout, stderr } = await shop.succeed(["pipeline", "run", "report"]);
  const lines = (stdout + stderr).split("\n");
  expect(lines).toContain("show | sent fetched first redis True");
  expect(lines).toContain("show | state ['1', '2']");
  const shown = `${"x".repeat(200)}… (20000 characters)`;
  expect(lines).toContain(`show | Done. Returned value was: ${shown}`);
  const { stdout: log } = await shop.succeed(["pipeline", "logs", "report"]);
  expect(log).toContain("x".repeat(20_000));
  expect(up.stderr).toContain("Airflow can't write to /out");
  expect(up.stderr).not.toContain("write to /data");
});

test("an edited module is deployed, and the next run uses it", async () => {
  await shop.write("src/late.py", "def late():\n    return 'second'\n");
  const { stdout: plan } = await shop.succeed(["plan"]);
  expect(plan).toMatch(/~ change file src\/late\.py +content changed/);
  const { stdout, stderr } = await shop.succeed(["pipeline", "run", "report"]);
  expect(stdout + stderr).toContain("show | sent fetched second redis True");
  expect((await shop.succeed(["plan"])).stdout).toContain("is as the file");
});

test("a task defers, and the triggerer that starts for it continues it", async () => {
  const { stdout: before } = await shop.succeed(["health"]);
  expect(before).not.toContain("triggerer");
  const { stdout, stderr } = await shop.succeed(["pipeline", "run", "deferring"]);
  expect(stdout + stderr).toContain("later | continued");
  const { stdout: after } = await shop.succeed(["health"]);
  expect(after).toMatch(/airflow +triggerer +healthy/);
});

test("a task that reads data/ fails with a note that the folder is not deployed", async () => {
  const { code, stderr } = await shop.dp(["pipeline", "run", "missing"]);
  expect(code).toBe(10);
  expect(stderr).toContain("read: the folder data/ is not deployed, so data/numbers.csv");
});
