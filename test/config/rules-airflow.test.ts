import { expect, test } from "vitest";
import { checkYaml, messagesOf } from "./check-yaml.ts";

const connection = (text: string): string => `airflow: { connections: { ${text} } }`;
const volume = (text: string): string => `airflow: { volumes: ["${text}"] }`;
const extra = (text: string): string => connection(`a: { conn_type: http, extra: ${text} }`);

/** One for each rule: a text that breaks it, a part of the message, and a text that does not. */
const rules: readonly (readonly [string, string, string, string])[] = [
  [
    "connectionIdsAreFree (form)",
    connection('"my api": "http://x"'),
    '"my api" cannot be the id of a connection',
    connection('"my.api-2": "http://x"'),
  ],
  [
    "connectionIdsAreFree (store)",
    `${connection('order_db: "postgres://x"')}\nstores: { order-db: }`,
    '"order_db" is the connection of the store "order-db"',
    `${connection('orders: "postgres://x"')}\nstores: { order-db: }`,
  ],
  [
    "connectionIdsAreFree (environment)",
    `airflow: { connections: { crm: "http://x" }, environment: { AIRFLOW_CONN_CRM: "http://y" } }`,
    'the connection "crm" is also set by AIRFLOW_CONN_CRM in airflow.environment',
    `airflow: { connections: { crm: "http://x" }, environment: { AIRFLOW_CONN_CRM2: "http://y" } }`,
  ],
  [
    "airflowVariablesAreFree (key)",
    'airflow: { variables: { " ": x } }',
    '" " cannot be the key of a variable',
    'airflow: { variables: { "a b": x } }',
  ],
  [
    "airflowVariablesAreFree (environment)",
    "airflow: { variables: { region: x }, environment: { AIRFLOW_VAR_REGION: y } }",
    'the variable "region" is also set by AIRFLOW_VAR_REGION in airflow.environment',
    "airflow: { variables: { region: x }, environment: { AIRFLOW_VAR_ZONE: y } }",
  ],
  [
    "connectionsAreReadable (URI)",
    connection("a: hunter2hunter2"),
    'the value of connection "a" is not a URI',
    connection('a: "google-cloud-platform://"'),
  ],
  [
    "connectionsAreReadable (type)",
    connection("a: { host: x }"),
    'connection "a" requires conn_type',
    connection("a: { host: x, conn_type: http }"),
  ],
  [
    "connectionsAreReadable (extra)",
    extra("'[\"hunter2hunter2\"]'"),
    'extra of connection "a" is not a JSON object',
    extra("'{\"x\": [1]}'"),
  ],
  [
    "connectionPasswordsAreVariables (field)",
    connection("a: { conn_type: http, password: hunter2hunter2 }"),
    'the password of connection "a" is in plain text',
    connection('a: { conn_type: http, password: "${PASSWORD:-x}" }'),
  ],
  [
    "connectionPasswordsAreVariables (URI)",
    connection('a: "http://me:hunter2hunter2@x"'),
    'the password of connection "a" is in plain text',
    connection('a: "http://me:${PASSWORD:-x}@x"'),
  ],
  ["volumesAreReadable (form)", volume("data"), '"data"', volume("state:/opt/airflow/state")],
  [
    "volumesAreReadable (outside)",
    volume("../x:/opt/x"),
    '"../x" lies outside the folder',
    volume("./data:/opt/x:ro"),
  ],
  [
    "volumesAreReadable (missing)",
    volume("./missing:/opt/x"),
    'file or folder "./missing"',
    volume("./data:/opt/airflow/plugins"),
  ],
  [
    "targetsDiffer",
    'airflow: { volumes: ["a:/x", "b:/x"] }',
    'two volumes of "airflow" go to /x',
    'airflow: { volumes: ["a:/x", "b:/y"] }',
  ],
  ["airflowVolumesAreFree (name)", volume("data:/x"), "already exists", volume("files:/x")],
  ...[
    ["/opt/airflow/dags", "/opt/airflow/dags"],
    ["/opt/airflow/dags/team", "/opt/airflow/dags"],
    ["/var/lib/airflow", "/var/lib/airflow"],
    ["/opt/airflow/", "/opt/airflow/dags"],
    ["/", "/opt/airflow/dags"],
    ["/opt/x/../dp/code", "/opt/dp"],
    ["/etc", "/etc/dp"],
    ["/home/airflow", "/home/airflow/.local"],
  ].map(
    ([target = "", folder = ""]) =>
      [
        `airflowVolumesAreFree (${target})`,
        volume(`./data:${target}`),
        `would hide a folder that dp needs: ${folder}`,
        volume("./data:/opt/airflow/dags2"),
      ] as const,
  ),
];

test.each(rules)("%s", (_, wrong, message, right) => {
  const texts = { "data/a.csv": "" };
  const messages = messagesOf(wrong, { texts }).join("\n");
  expect(messages).toContain(message);
  expect(messages).not.toContain("hunter2");
  expect(messagesOf(right, { texts })).toEqual([]);
});

test("variables are strings as written, and connections have the form of Airflow's file", () => {
  const { stack } = checkYaml(`airflow:
  variables: { version: 1.10, on: true }
  connections:
    api: { conn_type: http, port: 8080, password: 0123, extra: { verify: false, timeout: 5, name: "5" } }
    raw: { conn_type: aws, extra: '{"config_kwargs": {"retries": 3}}' }
`);
  expect(stack?.airflow?.variables).toEqual({ version: "1.10", on: "true" });
  expect(stack?.airflow?.connections).toEqual({
    api: {
      conn_type: "http",
      port: 8080,
      password: "0123",
      extra: '{"verify":false,"timeout":5,"name":"5"}',
    },
    raw: { conn_type: "aws", extra: '{"config_kwargs": {"retries": 3}}' },
  });
});
