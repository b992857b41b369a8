import { expect, test } from "vitest";
import { checkYaml, messagesOf } from "./check-yaml.ts";

/** One for each rule: a text that breaks it, a part of the message, and a text that does not. */
const rules: readonly (readonly [string, string, string, string])[] = [
  ["nameIsFree", "name: host\nkafka:", "Docker uses", "name: hosts\nkafka:"],
  ["somethingToRun", "name: shop", "nothing to run", "name: shop\ntopics: [a]"],
  ["zookeeperNeedsKafka", "zookeeper:", "zookeeper without kafka", "zookeeper:\ntopics: [a]"],
  [
    "topicsNeedKafka",
    "kafka: false\ntopics: [a]",
    "switched off",
    "kafka: false\nzookeeper: false",
  ],
  ["memoryHoldsHeap", "kafka: { mem_limit: 384m }", "no room", "kafka: { mem_limit: 385m }"],
  [
    "zookeeperModeEnded",
    "zookeeper:\nkafka: { version: 4.0.0 }",
    "ended with the 3.9 line",
    "zookeeper:\nkafka: { version: 3.9.1 }",
  ],
  [
    "kraftIsOldEnough",
    "kafka: { version: 3.8.1 }",
    "KRaft mode from version 3.9 on",
    "kafka: { version: 3.9.1 }",
  ],
  [
    "imageExists",
    "zookeeper:\nkafka: { version: 3.6.2 }",
    "begin with 3.7.0",
    "zookeeper:\nkafka: { version: 3.6.2, image: mine }",
  ],
  ["versionIsWhole", "kafka: { version: 4.3 }", "names a line", "kafka: { version: 4.3.0 }"],
  [
    "portListFits",
    "kafka: { port: [9092, 9093] }",
    "2 ports for 1 broker",
    "kafka: { port: [9092] }",
  ],
  ["portsAreUnprivileged", "kafka: { port: 1023 }", "is privileged", "kafka: { port: 1024 }"],
  [
    "portsExist",
    "kafka: { brokers: 2, port: 64536 }",
    "65536 of kafka-2 is above",
    "kafka: { brokers: 2, port: 64535 }",
  ],
  [
    "portsDiffer",
    "zookeeper: { port: 9092 }\nkafka:",
    "by zookeeper and by kafka-1",
    "zookeeper: { port: 9092 }\nkafka: { port: auto }",
  ],
  [
    "portsDiffer",
    "zookeeper: { nodes: 3, port: 9090 }\nkafka:",
    "by zookeeper-3 and by kafka-1",
    "zookeeper: { nodes: 3, port: 9089 }\nkafka:",
  ],
  [
    "brokerConfigIsSafe",
    "kafka: { config: { advertised.listeners: x } }",
    "one listener for containers",
    "kafka: { config: { controller.quorum.fetch.timeout.ms: 2s } }",
  ],
  [
    "zookeeperConfigIsSafe",
    "zookeeper: { config: { dataDir: /x } }\nkafka:",
    "volume of the stack",
    "zookeeper: { config: { tickTime: 500 } }\nkafka:",
  ],
  [
    "environmentIsSafe",
    "kafka: { environment: { KAFKA_HEAP_OPTS: -Xmx1g } }",
    "a setting of its own",
    "kafka: { environment: { KAFKA_OPTS: -Dx=y } }",
  ],
  [
    "configValuesHaveUnits",
    "topics: { a: { config: { retention.ms: week } } }",
    "invalid duration",
    "topics: { a: { config: { retention.ms: 1d } } }",
  ],
  ["topicNamesAreValid", "topics: [a b]", "no name for a topic", "topics: [a.b-c_D9]"],
  ["topicNamesDiffer", "topics: [a.b, a_b]", "collide", "topics: [a.b, a-b]"],
  [
    "replicationFits",
    "topics: { a: { replication: 2 } }",
    "there is 1 broker",
    "kafka: { brokers: 2 }\ntopics: { a: { replication: 2 } }",
  ],
  [
    "brokerReplicationFits",
    "kafka: { config: { default.replication.factor: 2 } }",
    "needs as many brokers",
    "kafka: { brokers: 2, config: { default.replication.factor: 2 } }",
  ],
];

test.each([
  ["lists", (depth: number) => `kafka: ${"[".repeat(depth)}${"]".repeat(depth)}`],
  ["maps in braces", (depth: number) => `kafka: ${"{ a: ".repeat(depth)}1${" }".repeat(depth)}`],
  ["dashes", (depth: number) => `${"- ".repeat(depth)}1`],
])("reports %s that are nested too deeply, with the line", (_, textOf) => {
  for (const depth of [50, 500, 700, 5000]) expect(messagesOf(textOf(depth))).toHaveLength(1);
  const [problem] = checkYaml(`topics: [a]\n${textOf(5000)}`).problems;
  expect(problem?.at?.line).toBe(2);
});

test("names the nesting as the mistake", () => {
  expect(messagesOf(`kafka: ${"[".repeat(5000)}`)).toContain("the file is nested too deeply");
});

test.each(["0", "-1", "1e1", "0x2", "three", "99999999999999999999"])(
  "the replication factor %s of the brokers is refused",
  (factor) => {
    const text = `kafka: { brokers: 3, config: { default.replication.factor: ${factor} } }`;
    expect(messagesOf(text)).toEqual([
      `invalid default.replication.factor "${factor}": must be an integer from 1 to 32767`,
    ]);
  },
);

test.each([
  ["kafka: yes", "write nothing after the colon for defaults"],
  ["kafka: no", "write false"],
  ["kafka:9092", "write a space after the colon: kafka: 9092"],
  ["kafka: { heap: 384 }", "add a unit: 384m"],
  ["kafka: { heap: 16m }", undefined],
  ["kafka: { brokers: no }", undefined],
  ["kafka: { brokers: yes }", undefined],
  ["kafka: { port: 0.0.0.0:9092 }", undefined],
  ["services: { api: { image: x, restart: on-failure:x } }", undefined],
  ["services: { api: { image: x, healthcheck: { disable: yes } } }", "write true"],
])("the hint for %s fits what may stand there", (text, hint) => {
  const [problem] = checkYaml(text).problems;
  expect(problem?.message).toContain("must be");
  expect(problem?.hint).toBe(hint);
});

test.each(rules)("%s must find what it is for, once, and nothing else", (_, wrong, part, right) => {
  const messages = messagesOf(wrong);
  expect(messages).toHaveLength(1);
  expect(messages[0]).toContain(part);
  expect(messagesOf(right)).toEqual([]);
});

test("accepts min.insync.replicas above the replicas, which Kafka caps", () => {
  const ofBrokers = "kafka: { config: { min.insync.replicas: 2 } }\ntopics: [a]";
  const ofTopic = "kafka: {}\ntopics: { a: { config: { min.insync.replicas: 3 } } }";
  expect(messagesOf(ofBrokers)).toEqual([]);
  expect(messagesOf(ofTopic)).toEqual([]);
});

test("seedsExist must find what is missing or outside, and accept a file", () => {
  const text = "topics: { a: { seed: a.jsonl } }";
  expect(messagesOf(text)).toEqual(['there is no file "a.jsonl"']);
  expect(messagesOf(text, { files: ["/home/me/My Shop/a.jsonl"] })).toEqual([]);
  expect(messagesOf("topics: { a: { seed: { file: b.jsonl, format: values } } }")).toEqual([
    'there is no file "b.jsonl"',
  ]);
  const outside = "topics: { a: { seed: ../a.jsonl } }";
  expect(messagesOf(outside, { files: ["/home/me/a.jsonl"] })).toEqual([
    '"../a.jsonl" lies outside the folder of pipeline.yaml',
  ]);
});

test.each([
  "listeners",
  "listener.name.external.ssl.key",
  "listener.security.protocol.map",
  "inter.broker.listener.name",
  "broker.id",
  "node.id",
  "zookeeper.connect",
  "log.dir",
  "log.dirs",
  "process.roles",
  "controller.quorum.voters",
  "controller.quorum.bootstrap.servers",
  "controller.listener.names",
])("%s must be refused in kafka.config, with what to do instead", (key) => {
  const { problems } = checkYaml(`kafka: { config: { ${key}: x } }`);
  expect(problems).toMatchObject([{ severity: "error", path: ["kafka", "config", key] }]);
  expect(problems[0]?.hint).toBeTruthy();
});

test.each(["num.partitions", "auto.create.topics.enable", "broker.rack", "made.up.key"])(
  "%s must be allowed in kafka.config",
  (key) => {
    expect(messagesOf(`kafka: { config: { ${key}: x } }`)).toEqual([]);
  },
);

test("what rests on a wrong value must not be told beside it", () => {
  expect(messagesOf("kafka: { brokers: five }\ntopics: { a: { replication: 3 } }")).toEqual([
    '"brokers" must be a whole number from 1 to 9, not "five"',
  ]);
  expect(messagesOf("kafka: 3\ntopics: { a: { replication: 3 } }")).toHaveLength(1);
});

test("a misspelled section must still be checked inside, with its own places", () => {
  const { problems } = checkYaml("kafak: { brokers: 10 }\n");
  expect(problems.map(({ message, at }) => [message, at?.line, at?.column])).toEqual([
    ['unknown key "kafak"', 1, 1],
    ['"brokers" must be a whole number from 1 to 9, not 10', 1, 19],
  ]);
});

test("a value that came from a variable must not be told, whether its kind or its content is wrong", () => {
  const text = `kafka: { port: "\${PORT}" }
stores: { db: { init: "\${FILE}" } }
`;
  const env = { PORT: "geheim", FILE: "geheimnis.txt" };
  expect(messagesOf(text, { env, texts: { "geheimnis.txt": "" } })).toEqual([
    '"port" must be a port from 1 to 65535, or auto, or a list with one for each broker, not what ${PORT} is',
    '"${FILE}" is no SQL file',
  ]);
  const { problems } = checkYaml(text, { env });
  expect(JSON.stringify(problems)).not.toContain("geheim");
});

test("a literal password in an environment must be warned about, wherever it stands", () => {
  const text = `kafka: { environment: { A_PASSWORD: x, B_PASSWORD: dp, C_PASSWORD: "\${PW}", D_PASSWORD: "" } }
services: { api: { image: x, environment: { PGPASSWORD: "1234", URL: "{{ kafka.bootstrap }}" } } }
pipelines: { p: { steps: { a: { run: ls, environment: { api_password: y } } } } }
`;
  const { problems } = checkYaml(text, { env: { PW: "geheim" } });
  expect(problems.map(({ severity, message }) => `${severity}: ${message}`)).toEqual([
    "warning: the password A_PASSWORD stands in the file",
    "warning: the password PGPASSWORD stands in the file",
    "warning: the password api_password stands in the file",
  ]);
  expect(problems[0]?.hint).toBe(
    'write "${A_PASSWORD}", and set A_PASSWORD in .env beside the file',
  );
});

test.each([
  [
    "kafka: { brokers: 9 }\nservices: { api: { image: x, ports: ['17092:80'] } }",
    "17092",
    "kafka-9",
    "api",
  ],
  [
    "zookeeper: { nodes: 3 }\nkafka:\nservices: { api: { image: x, ports: ['2183:80'] } }",
    "2183",
    "zookeeper-3",
    "api",
  ],
  ["zookeeper: { nodes: 5, port: 9088 }\nkafka:", "9092", "zookeeper-5", "kafka-1"],
  ["stores: { db: , more: }", "5432", "db", "more"],
  ["stores: { db: { type: redis, port: 5432 }, more: }", "5432", "db", "more"],
  ["airflow:\nstores: { db: { port: 8080 } }", "8080", "airflow", "db"],
  [
    "airflow:\nservices: { api: { image: x, ports: ['0.0.0.0:8080:80'] } }",
    "8080",
    "airflow",
    "api",
  ],
  [
    "services: { api: { image: x, ports: ['7000:1'] }, web: { image: x, ports: ['7000:2'] } }",
    "7000",
    "api",
    "web",
  ],
])("two services must not want one port: %s", (text, port, one, other) => {
  expect(messagesOf(text)).toEqual([`port ${port} is used twice: by ${one} and by ${other}`]);
});

test("nine brokers must have nine ports, a thousand apart", () => {
  expect(messagesOf("kafka: { brokers: 9 }")).toEqual([]);
  expect(checkYaml("kafka: { brokers: 9 }").stack?.kafka?.ports.at(-1)).toBe(17_092);
  expect(messagesOf("kafka: { brokers: 9, port: 58000 }")[0]).toBe(
    "port 66000 of kafka-9 is above 65535",
  );
});
