import { expect, test } from "vitest";
import { converted, type ConvertText } from "./convert-text.ts";

const broker = "image: apache/kafka:3.9.0, environment: { KAFKA_NODE_ID: 1 }";

/** What follows the heading of the file. */
function bodyOf(text: string, input: ConvertText = {}): string {
  return converted(text, input).text.split("\n").slice(4).join("\n");
}

/** `change service key: reason` for each note. */
function notesOf(text: string, input: ConvertText = {}): string[] {
  return converted(text, input).notes.map(
    ({ change, service, key, reason }) => `${change} ${service ?? "-"} ${key}: ${reason}`,
  );
}

test.each([
  ["confluentinc/cp-kafka:7.5.0", "kafka"],
  ["docker.io/confluentinc/cp-server", "kafka"],
  ["mirror.example/hub/bitnami/kafka:3.7", "kafka"],
  ["bitnamilegacy/kafka", "kafka"],
  ["apache/kafka-native:4.0.0", "kafka"],
  ["wurstmeister/kafka", "kafka"],
  ["docker.redpanda.com/redpandadata/redpanda:v23.3.5", "kafka"],
  ["${REGISTRY:-docker.io}/apache/kafka:${TAG}", "kafka"],
  ["postgres@sha256:0123456789abcdef", "stores.one"],
  ["registry.example:5000/library/postgres:16", "stores.one"],
  ["bitnami/postgresql:16", "stores.one"],
  ["redis:7-alpine", "stores.one"],
  ["minio/minio:latest", "stores.one"],
  ["apache/airflow:3.3.2", "airflow"],
  ["puckel/docker-airflow:1.10.9", "airflow"],
  ["quay.io/astronomer/astro-runtime:9.1.0", "airflow"],
  ["postgis/postgis:15-3.3", "services.one"],
  ["redis/redis-stack", "services.one"],
  ["localstack/localstack", "services.one"],
  ["provectuslabs/kafka-ui", "services.one"],
  ["my/kafka", "services.one"],
])("%s becomes %s", (image, place) => {
  const { services } = converted(`services: { one: { image: "${image}" } }`);
  expect(services.map(({ becomes }) => becomes)).toEqual([place]);
});

test("an image of Kafka with a command of its own is not a broker", () => {
  const { services } = converted(`services:
  kafka: { ${broker} }
  shell: { image: "apache/kafka:3.9.0", command: sleep infinity }
`);
  expect(services.map(({ becomes }) => becomes)).toEqual(["kafka", "services.shell"]);
});

test("a service with an image that starts from Airflow's becomes airflow, with its packages", () => {
  const files = {
    "/lab/air/Dockerfile":
      "FROM apache/airflow:3.3.2 AS base\nRUN pip install --no-cache-dir \\\n  pandas 'kafka-python>=2'\nFROM base\n",
    "/lab/dags/one.py": "",
  };
  const text = bodyOf(
    `services: { web: { build: ./air, ports: ["8081:8080"], volumes: ["./dags:/opt/airflow/dags"] } }`,
    { files },
  );
  expect(text).toBe(`
# From web.
airflow:
  version: 3.3.2
  port: 8081
  dags: dags
  requirements: [pandas, kafka-python>=2]
`);
});

test.each([
  // The same number inside and outside; the names of listeners do not matter.
  ["A://kafka:29092,B://localhost:9092", '["9092:9092"]', "port: 9092\n  aliases: [kafka:29092]"],
  [
    "A://b:9092,B://127.0.0.1:7000",
    '["7000:7000", "9092:9092"]',
    "port: 7000\n  aliases: [b:9092]",
  ],
  ["A://b:9093", '["9093:9093"]', "port: 9093\n  aliases: [b:9092]"],
  ["A://kafka:9092", "[]", "port: auto\n  config:"],
])("advertised %s with ports %s", (advertised, ports, expected) => {
  const text = bodyOf(
    `services: { kafka: { image: apache/kafka, ports: ${ports}, environment: { KAFKA_ADVERTISED_LISTENERS: "${advertised}", KAFKA_CREATE_TOPICS: "a-topic-with-a-long-name-that-makes-no-difference" } } }`,
  );
  expect(text.replace("kafka: { ", "kafka:\n  ").replaceAll(", config", "\n  config")).toContain(
    expected,
  );
});

test("a name of a broker that dp has, too, keeps its port through an alias of all brokers", () => {
  const node = (number: number): string =>
    `  kafka-${number}: { image: apache/kafka, environment: { KAFKA_ADVERTISED_LISTENERS: "A://kafka-${number}:29092" } }\n`;
  const text = bodyOf(
    `services:\n${node(0)}${node(1)}  web: { image: x, restart: always, environment: { B: "kafka-0:29092,kafka-1:29092" } }\n`,
  );
  expect(text).toContain("aliases: [kafka:29092]");
  expect(text).toContain('B: "kafka:29092,kafka-1:29092"');
});

test.each([
  [
    "kafka-topics --create --topic a --partitions=3 && kafka-topics.sh --create --topic b --config x.y=1",
    "a: { partitions: 3 }\n  b: { config: { x.y: 1 } }",
  ],
  ["for t in a b; do kafka-topics --create --topic $$t; done", "a:\n  b:"],
  [
    "rpk topic create a b -p 2 -r 1 --brokers kafka:9092",
    "a: { partitions: 2 }\n  b: { partitions: 2 }",
  ],
  ["kafka-topics --create --topic $$NAME --replication-factor 3", "from-env: { replication: 3 }"],
])("the script %s creates topics", (script, topics) => {
  const text = bodyOf(`services:
  kafka: { ${broker} }
  init: { image: "apache/kafka:3.9.0", environment: { NAME: from-env }, command: [sh, -c, "${script}"] }
`);
  expect(text).toContain(`topics:\n  ${topics}\n`);
  expect(text).not.toContain("services:");
});

test("a script that can't be read is kept as a service", () => {
  const { services } = converted(`services:
  kafka: { ${broker} }
  init: { image: "apache/kafka:3.9.0", command: [sh, -c, "kafka-topics --create --topic $$(cat name)"] }
`);
  expect(services.map(({ becomes }) => becomes)).toEqual(["kafka", "services.init"]);
});

test("a database of Airflow that another service uses is kept as a store", () => {
  const conversion = converted(`services:
  air: { image: "apache/airflow:3.3.2", environment: { AIRFLOW__DATABASE__SQL_ALCHEMY_CONN: "postgresql://a:b@db/airflow" } }
  db: { image: "postgres:16", environment: { POSTGRES_PASSWORD: b } }
  web: { image: x, restart: always, environment: { DB_HOST: db } }
`);
  expect(conversion.services.map(({ becomes }) => becomes)).toEqual([
    "airflow",
    "stores.db",
    "services.web",
  ]);
});

test("names that dp does not allow are changed, and addresses with them", () => {
  const text = bodyOf(`services:
  My.Api: { image: x, container_name: api-1, restart: always }
  db_1: { image: "postgres:16", environment: { POSTGRES_PASSWORD: "\${PW}" } }
  web: { image: x, restart: always, environment: { API: "http://api-1:80/v1", DB_HOST: db_1, NOTE: db_1 }, depends_on: [My.Api, db_1] }
`);
  expect(text).toContain("# From My.Api.\n  my-api: { image: x, restart: always }");
  expect(text).toContain("environment: { API: http://my-api:80/v1, DB_HOST: db-1, NOTE: db_1 }");
  expect(text).toContain("depends_on: [my-api, db-1]");
});

test("profiles of Compose become profiles of pipeline.yaml", () => {
  const text = bodyOf(`services:
  web: { image: x, restart: always, depends_on: { tool: { condition: service_started, required: false } } }
  tool: { image: yy, restart: always, profiles: [debug] }
  db: { image: "postgres:16", environment: { POSTGRES_PASSWORD: "\${PW}" }, profiles: [debug] }
`);
  expect(text).toBe(`
services:
  web: { image: x, restart: always }

profiles:
  debug:
    stores:
      db:
        type: postgres
        version: 16
        port: auto
        user: postgres
        password: \${PW}
        database: postgres
    services:
      tool: { image: yy, restart: always }
`);
});

test("lists of an extended service are joined, maps are merged, commands are replaced", () => {
  const text = bodyOf(`services:
  base: { image: x, restart: always, command: [a, b], ports: ["1111:80"], environment: [A=1, B=2] }
  web: { extends: base, command: [c], ports: ["2222:81"], environment: { B: 3 } }
`);
  expect(text).toContain(`  web:
    image: x
    command: [c]
    environment: { A: 1, B: 3 }
    ports: ["1111:80", "2222:81"]
    restart: always
`);
});

test("paths are relative to the folder of pipeline.yaml", () => {
  const files = { "/lab/app/Dockerfile": "", "/lab/conf/a.yml": "", "/lab/local.env": "" };
  const compose = `services:
  web: { build: ./app, restart: always, env_file: local.env, volumes: ["./conf/a.yml:/a.yml:ro", "../out:/out", "none:/none", "./none:/no"] }
`;
  expect(bodyOf(compose, { files, folder: "/" })).toContain(
    `    build: lab/app
    volumes: [./lab/conf/a.yml:/a.yml:ro, ./out:/out, none:/none]
`.replace(", ./out:/out", ""),
  );
  expect(notesOf(compose, { files })).toEqual([
    "dropped web volumes /out: ../out is outside the folder of pipeline.yaml",
    "dropped web volumes /no: ./none does not exist, and Compose creates an empty folder: create it, and add the line",
  ]);
});

test("a variable of a path is kept, and must be set", () => {
  const { text, needed } = converted(
    `services: { web: { image: x, restart: always, volumes: ["\${LOGS}:/logs", "$CONF/a:/a"] } }`,
    { files: { "/lab/a": "", "/a": "" } },
  );
  expect(text).toContain('volumes: ["${LOGS}:/logs"]');
  expect(needed.map(({ name }) => name)).toEqual(["LOGS"]);
});

test("a file that Compose merges is reported", () => {
  const text = "services: { web: { image: x, restart: always } }";
  expect(notesOf(text, { files: { "/lab/compose.override.yml": "services: {}" } })).toEqual([
    "check - compose.override.yml: Compose merges this file, and dp init reads one file: copy its lines",
  ]);
});

test("an invalid name of the project is changed, and reported", () => {
  const text = "name: My_Lab\nservices: { web: { image: x, restart: always } }\n";
  expect(converted(text).text).toContain("name: my-lab\n");
  expect(notesOf(text)).toEqual([
    "changed - name: the name of a stack has lower-case letters, digits, and dashes: my-lab",
  ]);
});

test("packages that a command installs become requirements", () => {
  const script = "pip install pandas 'redis>=5' -q && airflow scheduler";
  const text = bodyOf(
    `services: { air: { image: "apache/airflow:3.3.2", command: [bash, -c, "${script}"] } }`,
  );
  expect(text).toContain("requirements: [pandas, redis>=5]");
});

test("the name of a broker is free in a stack without brokers", () => {
  const text = bodyOf("services: { kafka: { image: my/kafka, restart: always } }");
  expect(text).toContain("  kafka: { image: my/kafka, restart: always }");
});
