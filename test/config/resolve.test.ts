import { expect, test } from "vitest";
import { checkYaml } from "./check-yaml.ts";

function stackOf(...input: Parameters<typeof checkYaml>) {
  const { stack, problems } = checkYaml(...input);
  expect(problems).toEqual([]);
  return stack;
}

test("two lines must be a whole stack", () => {
  expect(stackOf("name: x1\nkafka:\n")).toEqual({
    name: "x1",
    file: "/home/me/My Shop/pipeline.yaml",
    profile: undefined,
    zookeeper: undefined,
    kafka: {
      mode: "kraft",
      version: "4.3.1",
      brokers: 1,
      ports: [9092],
      aliases: [],
      image: undefined,
      heapBytes: 384 * 1024 ** 2,
      memLimitBytes: undefined,
      config: {},
      environment: {},
    },
    airflow: undefined,
    stores: [],
    fileStores: [],
    services: [],
    topics: [],
    pipelines: [],
    pythonRequirements: [],
    images: { prefix: undefined, pull: "missing", build: "auto" },
  });
});

test("an empty zookeeper section must choose ZooKeeper mode and the last version with it", () => {
  const stack = stackOf("zookeeper:\nkafka:\n");
  expect(stack?.zookeeper).toEqual({
    nodes: 1,
    ports: [2181],
    heapBytes: 128 * 1024 ** 2,
    memLimitBytes: undefined,
    config: {},
  });
  expect(stack?.kafka).toMatchObject({ mode: "zookeeper", version: "3.9.2" });
});

test("false must mean absent: sections and topics", () => {
  const stack = stackOf("zookeeper: false\nkafka:\nimages: false\ntopics: { a: false, b: }\n");
  expect(stack).toMatchObject({ zookeeper: undefined, images: { pull: "missing" } });
  expect(stack?.kafka?.mode).toBe("kraft");
  expect(stack?.topics.map(({ name }) => name)).toEqual(["b"]);
});

test("topics must bring kafka with them, as a map and as a list", () => {
  expect(stackOf("topics: [a, b]\n")?.kafka?.brokers).toBe(1);
  expect(stackOf("topics:\n  a:\n")?.topics).toEqual([
    {
      name: "a",
      partitions: 1,
      replication: 1,
      config: {},
      written: { partitions: undefined, replication: undefined },
      seed: undefined,
    },
  ]);
});

test("replication must follow the brokers, and what was written must be kept apart", () => {
  const stack = stackOf(
    "kafka: { brokers: 3 }\ntopics: { a: , b: { replication: 2, partitions: 4 } }",
  );
  expect(stack?.topics.map(({ replication }) => replication)).toEqual([3, 2]);
  expect(stack?.topics[1]?.written).toEqual({ partitions: 4, replication: 2 });
});

test("a port must be the first of the brokers', a list one for each, auto all free", () => {
  const portsOf = (port: string) => stackOf(`kafka: { brokers: 3, port: ${port} }`)?.kafka?.ports;
  expect(portsOf("9192")).toEqual([9192, 10_192, 11_192]);
  expect(portsOf("[9192, auto, 9194]")).toEqual([9192, "auto", 9194]);
  expect(portsOf("auto")).toEqual(["auto", "auto", "auto"]);
});

test("each node of ZooKeeper must listen one port above the one before, or on a free one", () => {
  const portsOf = (section: string) => stackOf(`zookeeper: ${section}\nkafka:`)?.zookeeper?.ports;
  expect(portsOf("{ nodes: 3 }")).toEqual([2181, 2182, 2183]);
  expect(portsOf("{ nodes: 5, port: 3000 }")).toEqual([3000, 3001, 3002, 3003, 3004]);
  expect(portsOf("{ nodes: 3, port: auto }")).toEqual(["auto", "auto", "auto"]);
});

test("an ensemble of ZooKeeper must have 1, 3 or 5 nodes", () => {
  const { problems } = checkYaml("zookeeper: { nodes: 2 }\nkafka:\n");
  expect(problems.map(({ message }) => message)).toEqual(['"nodes" must be 1, 3 or 5, not 2']);
});

test("ports: auto must win over what the file says", () => {
  const stack = stackOf("zookeeper: { port: 2281 }\nkafka: { brokers: 2, port: [9192, 9193] }", {
    ports: "auto",
  });
  expect(stack?.zookeeper?.ports).toEqual(["auto"]);
  expect(stack?.kafka?.ports).toEqual(["auto", "auto"]);
});

test("versions and config values must be those of the text, as written", () => {
  const stack = stackOf(
    "kafka: { version: 3.10, image: x, config: { a: 1.50, b: true, c: 0x10, d: 1e3, e: '007', f: ~x } }",
  );
  expect(stack?.kafka?.version).toBe("3.10");
  expect(stack?.kafka?.config).toEqual({
    a: "1.50",
    b: "true",
    c: "0x10",
    d: "1e3",
    e: "007",
    f: "~x",
  });
});

test("durations and sizes must arrive as plain numbers", () => {
  const stack = stackOf(
    "kafka: { heap: 1g, mem_limit: 2g, config: { log.retention.ms: 7d, log.segment.bytes: 1m } }",
  );
  expect(stack?.kafka).toMatchObject({
    heapBytes: 1024 ** 3,
    memLimitBytes: 2 * 1024 ** 3,
    config: { "log.retention.ms": "604800000", "log.segment.bytes": "1048576" },
  });
});

test("a variable must become what the key wants: number, text, false or nothing", () => {
  const env = { N: "3", V: "3.10", OFF: "false", NONE: "", Q: "2" };
  const checked = checkYaml(
    'zookeeper: ${OFF}\nkafka: { brokers: "${N}", version: "${V}", image: x, config: { a: "${N}" } }\ntopics:\n  t: ${NONE}\n  u: { partitions: "${Q}" }\n',
    { env },
  );
  expect(checked.problems).toEqual([]);
  expect(checked.stack).toMatchObject({
    zookeeper: undefined,
    kafka: { brokers: 3, version: "3.10", config: { a: "3" } },
    topics: [{ name: "t" }, { name: "u", partitions: 2 }],
  });
  expect([...(checked.content?.fromVariables ?? [])]).toEqual([
    ["zookeeper", "${OFF}"],
    ["kafka.brokers", "${N}"],
    ["kafka.version", "${V}"],
    ["kafka.config.a", "${N}"],
    ["topics.t", "${NONE}"],
    ["topics.u.partitions", "${Q}"],
  ]);
});

test("x-keys must be free, and anchors in them usable", () => {
  const stack = stackOf(
    "x-topic: &topic { partitions: 4, config: &c { a: 1 } }\ntopics: { a: *topic, b: { <<: *topic, partitions: 2 }, c: { config: { <<: [*c], b: 2 } } }",
  );
  expect(stack?.topics.map(({ partitions, config }) => ({ partitions, config }))).toEqual([
    { partitions: 4, config: { a: "1" } },
    { partitions: 2, config: { a: "1" } },
    { partitions: 1, config: { a: "1", b: "2" } },
  ]);
});

test("merged maps must merge what they name themselves, the nearest winning", () => {
  const stack = stackOf(
    "x-a: &a { partitions: 4, replication: 1 }\nx-b: &b { <<: *a, partitions: 5 }\ntopics: { t: { <<: *b } }",
  );
  expect(stack?.topics).toMatchObject([{ partitions: 5, replication: 1 }]);
});

test.each([
  "topics: &t\n  a: *t\n",
  "kafka: &k { config: *k }",
  "topics: &t { a: , <<: *t, b: 3 }",
  "x-a: &a { <<: *a }\ntopics: &b { <<: [*a, *b], c: [*b] }",
])("an anchor that contains itself must end in problems, not in a hang: %j", (text) => {
  expect(checkYaml(text).problems.length).toBeGreaterThan(0);
});

test("line ends of Windows must not move a place", () => {
  const { problems } = checkYaml("name: shop\r\nkafka:\r\n  brokers: 0\r\n");
  expect(problems.map(({ at }) => at)).toEqual([{ line: 3, column: 12, length: 1 }]);
});

test("the name must be the project's, else the file's, else the folder's made valid", () => {
  expect(stackOf("name: own\nkafka:", { project: "given" })?.name).toBe("given");
  expect(stackOf("name: own\nkafka:")?.name).toBe("own");
  expect(stackOf("kafka:")?.name).toBe("my-shop");
});

test("seeds must be absolute, and the prefix without a slash at its end", () => {
  const stack = stackOf(
    "topics: { a: { seed: data/a.jsonl } }\nimages: { prefix: m.example/hub/ }",
    {
      files: ["/home/me/My Shop/data/a.jsonl"],
    },
  );
  const file = "/home/me/My Shop/data/a.jsonl";
  expect(stack?.topics[0]?.seed).toEqual({ file, format: undefined });
  const withFormat = stackOf("topics: { a: { seed: { file: data/a.jsonl, format: records } } }", {
    files: [file],
  });
  expect(withFormat?.topics[0]?.seed).toEqual({ file, format: "records" });
  expect(stack?.images.prefix).toBe("m.example/hub");
});
