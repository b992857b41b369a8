import { afterAll, beforeAll, expect, test } from "vitest";
import { engineClient } from "../support/docker.ts";
import { createProject, type Project } from "../support/project.ts";

const secret = "hunter2hunter2";

const file = `kafka:
airflow:
  dags: dags
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

let shop: Project;

beforeAll(async () => {
  shop = await createProject(file);
  await shop.write(".env", `CRM_PASSWORD=${secret}\n`);
  await shop.write("dags/connections.py", connectionsDag);
  await shop.succeed(["up"]);
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
