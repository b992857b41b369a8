import { expect, test } from "vitest";
import { checkYaml, messagesOf } from "./check-yaml.ts";

const texts = {
  "api/Dockerfile": "FROM scratch\n",
  "bare/readme.md": "",
  "conf/app.ini": "",
  "sql/a.sql": "select 1;\n",
  "sql/a.txt": "",
  "dags/one.py": "",
};
const env = { SECRET: "s3cret" };

const service = (keys: string) => `services: { api: { image: x, ${keys} } }`;
const waitsFor = (condition: string, other: string) =>
  `services: { api: { image: x, depends_on: { job: { condition: ${condition} } } }, job: { ${other} } }`;
const store = (keys: string) => `stores: { db: { ${keys} } }`;
const airflow = (keys: string) => `airflow: { ${keys} }`;

/** One for each rule: a text that breaks it, a part of the message, and a text that does not. */
const rules: readonly (readonly [string, string, string, string])[] = [
  [
    "containerNamesAreValid",
    "services: { Api: { image: x } }",
    "cannot be the name of a service",
    service(""),
  ],
  [
    "containerNamesAreValid (a broker)",
    "kafka:\nservices: { kafka-7: { image: x } }",
    "needs for the brokers",
    "kafka:\nservices: { kafka-ui: { image: x }, connect: { image: x }, zookeeper: { image: x } }",
  ],
  [
    "containerNamesAreValid (all brokers)",
    "kafka:\nservices: { kafka: { image: x } }",
    "needs for the brokers",
    "services: { kafka: { image: x }, kafka-1: { image: x } }",
  ],
  [
    "aliasesAreUsable (form)",
    "kafka: { aliases: [broker] }",
    "is not a name with a port",
    "kafka: { aliases: ['broker:29092', 'kafka:29092', 'Broker_2.local:9092'] }",
  ],
  [
    "aliasesAreUsable (port)",
    "kafka: { aliases: ['broker:70000'] }",
    "is not a name with a port",
    "kafka: { aliases: ['broker:65535'] }",
  ],
  [
    "aliasesAreUsable (an existing listener)",
    "kafka: { aliases: ['broker:19092'] }",
    "is already the listener for programs on this machine",
    "kafka: { aliases: ['broker:9092'] }",
  ],
  [
    "aliasesAreUsable (the listener of controllers)",
    "kafka: { aliases: ['broker:9093'] }",
    "is already the listener for the controllers",
    "kafka: { aliases: ['broker:9094'] }",
  ],
  [
    "aliasesAreUsable (duplicate)",
    "kafka: { aliases: ['broker:29092', 'broker:29092'] }",
    "is listed twice",
    "kafka: { aliases: ['broker:29092', 'broker:29093'] }",
  ],
  [
    "aliasesAreUsable (one broker)",
    "kafka: { aliases: ['kafka-1:29092'] }",
    "is already the name of one broker",
    "kafka: { aliases: ['kafka:29092'] }",
  ],
  [
    "aliasesAreUsable (a service)",
    "kafka: { aliases: ['api:29092'] }\nservices: { api: { image: x } }",
    "is already the name of a service",
    "kafka: { aliases: ['api:29092'] }",
  ],
  [
    "containerNamesAreValid (ZooKeeper)",
    "kafka:\nzookeeper:\nservices: { zookeeper: { image: x } }",
    "needs for the nodes of ZooKeeper",
    "kafka:\nzookeeper:\nservices: { zookeeper-navigator: { image: x } }",
  ],
  [
    "containerNamesAreValid (Airflow)",
    "airflow:\nservices: { airflow: { image: x } }",
    "needs for Airflow",
    "stores: { airflow: }",
  ],
  [
    "containerNamesAreValid (underscores of a service)",
    "services: { my___svc: { image: x } }",
    "cannot be the name of a service",
    "services: { my_svc: { image: x }, my__svc-2: { image: x } }",
  ],
  [
    "containerNamesAreValid (an underscore at the end)",
    "services: { my_: { image: x } }",
    "cannot be the name of a service",
    "services: { my-: { image: x } }",
  ],
  [
    "containerNamesAreValid (underscores of a store)",
    "stores: { my_db: }",
    "cannot be the name of a store",
    "stores: { my-db: }",
  ],
  [
    "containerNamesAreValid (topic)",
    "stores: { topic: }",
    "needs for endpoints",
    "stores: { topics: }\nservices: { topic: { image: x } }",
  ],
  [
    "storesAndServicesDiffer",
    "stores: { db: }\nservices: { db: { image: x } }",
    "a store and of a service",
    "stores: { db: }\nservices: { dbs: { image: x } }",
  ],
  ["servicesHaveOneSource", "services: { api: }", "neither an image nor a build", service("")],
  [
    "servicesHaveOneSource (both)",
    service("build: api"),
    "an image and a build",
    "services: { api: { build: api } }",
  ],
  [
    "buildsHaveDockerfiles",
    "services: { api: { build: bare } }",
    'no file "bare/Dockerfile"',
    "services: { api: { build: ./api/ } }",
  ],
  [
    "buildsHaveDockerfiles (outside)",
    "services: { api: { build: ../api } }",
    "outside the folder",
    "services: { api: { build: bare/../api } }",
  ],
  [
    "servicePortsAreReadable",
    service("ports: [8080/udp]"),
    "is no port",
    service('ports: ["[::1]:8085:8080"]'),
  ],
  [
    "portsDiffer",
    `airflow:\n${service('ports: ["8080:80"]')}`,
    "by airflow and by api",
    `airflow:\n${service('ports: ["80"]')}`,
  ],
  [
    "portsDiffer (addresses)",
    service('ports: ["127.0.0.2:8080:80", "0.0.0.0:8080:81"]'),
    "by api and by api",
    service('ports: ["127.0.0.2:8080:80", "127.0.0.3:8080:80"]'),
  ],
  [
    "portsDiffer (stores)",
    "stores: { aa: , bb: }",
    "5432 is used twice",
    "stores: { aa: , bb: { port: auto } }",
  ],
  [
    "portsAreUnprivileged",
    service('ports: ["80:80"]'),
    "privileged",
    service('ports: ["8080:80"]'),
  ],
  [
    "volumesAreReadable",
    service("volumes: [/data]"),
    "is no volume",
    service('volumes: ["d:/data"]'),
  ],
  [
    "volumesAreReadable (outside)",
    service("volumes: [/etc:/data]"),
    "outside the folder",
    service("volumes: [./conf:/data:ro]"),
  ],
  [
    "volumesAreReadable (home)",
    service('volumes: ["~/x:/data"]'),
    "outside the folder",
    service("volumes: [./conf/app.ini:/data]"),
  ],
  [
    "volumesAreReadable (missing)",
    service("volumes: [./config:/data]"),
    "there is no file or folder",
    service("volumes: [.:/data]"),
  ],
  [
    "targetsDiffer",
    service('volumes: ["a:/data", "b:/data"]'),
    "two volumes",
    service('volumes: ["a:/a", "b:/b"]'),
  ],
  [
    "commandsAreReadable",
    service(`command: sh -c 'echo hi`),
    "never closed",
    service(`command: sh -c "echo 'hi"`),
  ],
  ["readyIsOneCheck", service("ready: {}"), "says nothing", service("ready: { log: up }")],
  [
    "readyIsOneCheck (two)",
    service("ready: { log: up, exec: ls }"),
    "more than one way: exec, log",
    service("ready: { exec: [ls] }"),
  ],
  [
    "readyPortsArePublished",
    service("ready: { http: { port: 8080 } }"),
    "not published",
    service('ports: ["8080"], ready: { http: { port: 8080 } }'),
  ],
  [
    "readyPortsArePublished (tcp)",
    service('ports: ["8080:81"], ready: { tcp: 8080 }'),
    "not published",
    service('ports: ["8080:81"], ready: { tcp: 81 }'),
  ],
  [
    "readyPortsArePublished (no port)",
    service('ports: ["80"], ready: { http: { path: / } }'),
    "names no port",
    service('ports: ["80"], ready: { http: { port: 80 } }'),
  ],
  [
    "readyPatternIsValid",
    service('ready: { log: "up (" }'),
    "no regular expression",
    service('ready: { log: "up \\\\(" }'),
  ],
  [
    "commandsAreReadable (entrypoint)",
    service(`entrypoint: sh -c 'echo hi`),
    "never closed",
    service(`entrypoint: ["sh", "-c", "echo 'hi"]`),
  ],
  [
    "healthchecksAreReadable",
    service("healthcheck: { interval: 5s }"),
    "has no test",
    service("healthcheck: { test: ls, interval: 5s }"),
  ],
  [
    "healthchecksAreReadable (form)",
    service("healthcheck: { test: [curl, -f, localhost] }"),
    "begins with none of CMD, CMD-SHELL and NONE",
    service("healthcheck: { test: [CMD, curl, -f, localhost] }"),
  ],
  [
    "healthchecksAreReadable (no command)",
    service("healthcheck: { test: [CMD] }"),
    "no command stands after CMD",
    service("healthcheck: { test: [NONE] }"),
  ],
  [
    "healthchecksAreReadable (shell)",
    service("healthcheck: { test: [CMD-SHELL, curl, localhost] }"),
    "takes one text",
    service('healthcheck: { test: [CMD-SHELL, "curl localhost"] }'),
  ],
  [
    "healthchecksAreReadable (off)",
    service("healthcheck: { test: ls, disable: true }"),
    "switched off",
    service("healthcheck: { disable: true }"),
  ],
  [
    "oneShotsOnlyEnd",
    service('restart: "no", ready: { log: up }'),
    "is a one-shot",
    service("restart: always, ready: { log: up }"),
  ],
  [
    "oneShotsOnlyEnd (healthcheck)",
    service("restart: no, healthcheck: { test: ls }"),
    "is a one-shot",
    service("healthcheck: { test: ls }"),
  ],
  [
    "dependenciesExist",
    `kafka:\n${service("depends_on: [kafak]")}`,
    'no service "kafak"',
    `kafka:\n${service("depends_on: [kafka]")}`,
  ],
  [
    "dependenciesExist (absent)",
    service("depends_on: { airflow: { condition: service_healthy } }"),
    'no service "airflow"',
    `airflow:\n${service("depends_on: { airflow: { condition: service_healthy } }")}`,
  ],
  [
    "dependenciesExist (twice)",
    `kafka:\n${service("depends_on: [kafka, kafka]")}`,
    "listed twice",
    `kafka: {}\nstores: { db: }\n${service("depends_on: [kafka, db]")}`,
  ],
  [
    "dependenciesHaveNoCircle",
    "services: { aa: { image: x, depends_on: [bb] }, bb: { image: x, depends_on: [cc] }, cc: { image: x, depends_on: [aa] } }",
    "in a circle: aa depends on bb depends on cc depends on aa",
    "services: { aa: { image: x, depends_on: [bb, cc] }, bb: { image: x, depends_on: [cc] }, cc: { image: x } }",
  ],
  [
    "dependenciesHaveNoCircle (itself)",
    service("depends_on: [api]"),
    "depends on itself",
    service("depends_on: []"),
  ],
  [
    "conditionsFit (one-shot)",
    waitsFor("service_completed_successfully", "image: x"),
    "is no one-shot",
    waitsFor("service_completed_successfully", 'image: x, restart: "no"'),
  ],
  [
    "conditionsFit (store)",
    `stores: { db: }\n${service("depends_on: { db: { condition: service_completed_successfully } }")}`,
    "is no one-shot",
    `stores: { db: }\n${service("depends_on: { db: { condition: service_healthy } }")}`,
  ],
  [
    "conditionsFit (ends)",
    waitsFor("service_healthy", 'image: x, restart: "no"'),
    "it ends, and is never healthy",
    waitsFor("service_started", 'image: x, restart: "no"'),
  ],
  [
    "conditionsFit (silent)",
    waitsFor("service_healthy", "image: x, healthcheck: { disable: true }"),
    "does not say how it is healthy",
    waitsFor("service_healthy", "image: x, healthcheck: { test: ls }"),
  ],
  [
    "variableNamesAreValid",
    service("environment: { a b: 1 }"),
    "no name of an environment variable",
    service("environment: { a_b: 1, discovery.type: single-node, log-level: info }"),
  ],
  [
    "serviceTemplatesAreKnown",
    `${service('environment: { A: "{{ ds }}" }')}\nkafka:`,
    "nothing called {{ ds }}",
    `${service('environment: { A: "{{ kafka.bootstrap }} {{db.url}}" }')}\nkafka:\nstores: { db: }`,
  ],
  [
    "serviceTemplatesAreKnown (no kafka)",
    service('environment: { A: "{{ kafka.bootstrap }}" }'),
    "nothing called {{ kafka.bootstrap }}",
    `kafka:\n${service('environment: { A: "{{ kafka.bootstrap }}" }')}`,
  ],
  [
    "templatesAreFilled",
    `kafka:\n${service('command: "run {{ kafka.bootstrap }}"')}`,
    "not filled in here",
    `kafka:\n${service('command: "run {{ .Name }}"')}`,
  ],
  ["initFilesExist", store("init: sql/b.sql"), 'no file "sql/b.sql"', store("init: [sql/a.sql]")],
  ["initFilesExist (no SQL)", store("init: [sql/a.txt]"), "no SQL file", store("init: sql/a.sql")],
  [
    "passwordsAreVariables",
    store("password: hunter2"),
    "stands in the file",
    store('password: "${SECRET}"'),
  ],
  [
    "storeConfigIsSafe",
    store("config: { data_directory: /x }"),
    "fixed path",
    store("config: { work_mem: 8MB }"),
  ],
  [
    "storeConfigIsSafe (names)",
    store("config: { work-mem: 8MB }"),
    "no name of a server parameter",
    store("config: { auto_explain.log_timing: on }"),
  ],
  [
    "storeConfigIsSafe (Redis)",
    store("type: redis, config: { dir: /x }"),
    "fixed path",
    store("type: redis, config: { save: 900 1 }"),
  ],
  [
    "storeConfigIsSafe (Redis, names)",
    store("type: redis, config: { max_memory: 8mb }"),
    "no name of a server parameter",
    store("type: redis, config: { maxmemory: 8mb }"),
  ],
  [
    "storeConfigIsSafe (Redis, lines)",
    store('type: redis, config: { save: "900 1\\nbind *" }'),
    "several lines",
    store('type: redis, config: { save: "" }'),
  ],
  [
    "storeFilesAreInside",
    `kafka:\n${store("type: duckdb, path: ../x.duckdb")}`,
    "outside the folder",
    `kafka:\n${store("type: duckdb, path: data/x.duckdb")}`,
  ],
  [
    "storeKeysFitTheType",
    store("type: redis, user: dp"),
    'user has no effect: store "db" is of type redis',
    store("type: redis, password: dp"),
  ],
  [
    "storeKeysFitTheType (s3)",
    store("type: postgres, buckets: [files]"),
    'buckets has no effect: store "db" is of type postgres',
    store("type: s3, buckets: [files]"),
  ],
  [
    "airflowVersionFits",
    airflow("version: 4.0.0"),
    "before 4, not 4.0.0",
    airflow("version: 3.1.0"),
  ],
  [
    "airflowVersionFits (old)",
    airflow("version: 2.10.5"),
    "from 3.1 on",
    airflow("version: 3.10.0"),
  ],
  [
    "airflowVersionFits (line)",
    airflow("version: 3.3"),
    "names a line",
    airflow("version: 3.3, image: mine"),
  ],
  [
    "airflowEnvironmentIsSafe",
    airflow("environment: { AIRFLOW__CORE__DAGS_FOLDER: /x }"),
    "folder of its own",
    airflow("environment: { AIRFLOW__CORE__DEFAULT_TIMEZONE: utc }"),
  ],
  ["dagsExist", airflow("dags: dag"), 'no folder "dag"', airflow("dags: dags")],
  ["dagsExist (a file)", airflow("dags: dags/one.py"), "is a file", airflow("dags: ./dags/")],
];

test.each(rules)("%s must find what it is for, once, and nothing else", (_, wrong, part, right) => {
  const { problems } = checkYaml(wrong, { texts, env });
  expect(problems.map(({ message }) => message)).toEqual([expect.stringContaining(part)]);
  expect(problems[0]?.hint).toBeTruthy();
  expect(problems[0]?.at).toBeDefined();
  expect(messagesOf(right, { texts, env })).toEqual([]);
});

test.each([
  "AIRFLOW_HOME",
  "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN",
  "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_CMD",
  "AIRFLOW__CORE__DAGS_FOLDER",
  "AIRFLOW__CORE__EXECUTOR",
  "AIRFLOW__CORE__PARALLELISM",
  "AIRFLOW__CORE__FERNET_KEY",
  "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS",
  "AIRFLOW__API__PORT",
  "AIRFLOW__API__BASE_URL",
  "AIRFLOW__API_AUTH__JWT_SECRET",
  "AIRFLOW__LOGGING__BASE_LOG_FOLDER",
  "AIRFLOW__LOGGING__REMOTE_LOGGING",
  "AIRFLOW__CORE__EXECUTION_API_SERVER_URL",
  "PYTHONPATH",
])("%s must be refused in airflow.environment, with what to do instead", (name) => {
  const { problems } = checkYaml(airflow(`environment: { ${name}: x }`));
  expect(problems).toMatchObject([{ severity: "error", path: ["airflow", "environment", name] }]);
  expect(problems[0]?.hint).toBeTruthy();
});

test.each([
  "airflow:",
  "stores: { db: }",
  "services: { api: { image: x } }",
  "pipelines: { a: { steps: { x: { run: ls } } } }",
])("%s must be something to run, without Kafka", (text) => {
  const { problems, stack } = checkYaml(text);
  expect(problems).toEqual([]);
  expect(stack?.kafka).toBeUndefined();
});

test("a wrong service must still have its other parts checked, in one run", () => {
  const text =
    "services:\n  api: { image: x, ports: [eighty], ready: { tcp: 99999 }, volumes: x }\n";
  expect(messagesOf(text)).toEqual([
    '"eighty" is no port',
    '"tcp" must be a port of the container, from 1 to 65535, not 99999',
    expect.stringContaining('"volumes" must be a list of volumes'),
  ]);
});
