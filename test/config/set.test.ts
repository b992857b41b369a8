import { expect, test } from "vitest";
import { ExactNumber } from "../../src/model/exact-number.ts";
import { parseSetting } from "../../src/config/set.ts";
import { checkYaml } from "./check-yaml.ts";

const shop = `name: shop
kafka: { brokers: 3, port: [9092, 9093, 9094], mem_limit: 4g }
topics:
  orders.raw: { partitions: 3 }
services:
  api: { image: x, environment: { A: "1" } }
pipelines:
  load: { params: { full: "no" }, steps: { a: { run: ls } } }
profiles:
  ci: { kafka: { brokers: 2, port: auto } }
`;

function stackOf(...set: string[]) {
  const { stack, problems } = checkYaml(shop, { set });
  expect(problems).toEqual([]);
  return stack;
}

test.each([
  ["kafka.heap=1g", { kafka: { heapBytes: 1024 ** 3 } }],
  ["kafka.port=[1092, auto, 2092]", { kafka: { ports: [1092, "auto", 2092] } }],
  ["kafka.port=auto", { kafka: { ports: ["auto", "auto", "auto"] } }],
  ["kafka={heap: 1g}", { kafka: { heapBytes: 1024 ** 3, brokers: 3 } }],
  ["kafka.mem_limit=false", { kafka: { memLimitBytes: undefined } }],
  ["kafka.config.log.retention.ms=7d", { kafka: { config: { "log.retention.ms": "604800000" } } }],
  [
    "services.api.environment={A: 9007199254740993, B: 1.10, C: 1e400}",
    { services: [{ environment: { A: "9007199254740993", B: "1.10", C: "1e400" } }] },
  ],
  ["kafka.config.a.b=9007199254740993", { kafka: { config: { "a.b": "9007199254740993" } } }],
  ["kafka.config.'a.b'=007", { kafka: { config: { "a.b": "007" } } }],
  ["zookeeper=", { zookeeper: { ports: [2181] } }],
  ['topics."orders.raw".partitions=6', { topics: [{ name: "orders.raw", partitions: 6 }] }],
  ["topics.'orders.raw'.partitions=6", { topics: [{ name: "orders.raw", partitions: 6 }] }],
  ["topics.b=", { topics: [{ name: "orders.raw" }, { name: "b" }] }],
  ["topics.b={partitions: 2}", { topics: [{ name: "orders.raw" }, { name: "b", partitions: 2 }] }],
  ["services.api.environment.B=a=b: c # d", { services: [{ environment: { B: "a=b: c # d" } }] }],
  ["services.api.environment.B='a''b'", { services: [{ environment: { B: "a'b" } }] }],
  ['services.api.command="ls -l"', { services: [{ command: ["ls", "-l"] }] }],
  ["pipelines.load.schedule=*/5 * * * *", { pipelines: [{ schedule: "*/5 * * * *" }] }],
  ["pipelines.load.params.full=true", { pipelines: [{ params: { full: true } }] }],
  [
    "pipelines.load.params.rate=1.10",
    { pipelines: [{ params: { rate: new ExactNumber("1.10") } }] },
  ],
])("--set %s must be typed as if it stood in the file", (word, expected) => {
  const { stack, problems } = checkYaml(shop, { set: [word] });
  expect(problems.filter(({ severity }) => severity === "error")).toEqual([]);
  expect(stack).toMatchObject(expected);
});

test("a number that is refused is shown with the digits that were written", () => {
  expect(() => parseSetting("kafka.brokers=9007199254740993", () => undefined)).toThrow(
    'not "9007199254740993"',
  );
});

test("the last --set must win, and all of them over the profile", () => {
  const set = ["kafka.brokers=4", "kafka.brokers=1"];
  expect(checkYaml(shop, { profile: "ci", set }).stack?.kafka).toMatchObject({
    brokers: 1,
    ports: ["auto"],
  });
  expect(stackOf("topics.b=", "topics.b.partitions=4")?.topics[1]?.partitions).toBe(4);
});

test.each([
  ["kafka.brokerz=3", '--set kafka.brokerz=3: unknown key "brokerz"', 'did you mean "brokers"?'],
  ["topcs.a=", '--set topcs.a=: unknown key "topcs"', 'did you mean "topics"?'],
  [
    "kafka.port[1]=9",
    '--set kafka.port[1]=9: unknown key "port[1]"',
    "a list is set as a whole: port=[…]",
  ],
  [
    "topics.orders.raw.partitions=6",
    '--set topics.orders.raw.partitions=6: unknown key "raw"',
    'a name with dots goes into quotes: topics."orders.raw".partitions',
  ],
  [
    "kafka.brokers=many",
    '--set kafka.brokers=many: "brokers" must be a whole number from 1 to 9, not "many"',
    undefined,
  ],
  [
    "kafka.brokers.x=1",
    '--set kafka.brokers.x=1: "brokers" must be a whole number from 1 to 9, not a map',
    undefined,
  ],
  [
    "kafka.port=",
    "--set kafka.port= has no value",
    "--set kafka.port=false takes the setting away",
  ],
  ["name=other", "--set name=other: the name is no setting", "use --project NAME"],
  [
    "kafka.heap=${HEAP}",
    "--set kafka.heap=${HEAP}: variable HEAP is not set",
    expect.stringContaining("HEAP") as string,
  ],
  [
    "kafka.brokers",
    "cannot read --set kafka.brokers",
    expect.stringContaining("KEY.PATH=VALUE") as string,
  ],
  ["=3", "cannot read --set =3", expect.stringContaining("KEY.PATH=VALUE") as string],
  [
    "kafka..brokers=3",
    "cannot read --set kafka..brokers=3",
    expect.stringContaining("KEY.PATH=VALUE") as string,
  ],
  [
    "kafka.port=[9092",
    expect.stringMatching(/^--set kafka.port=\[9092: /) as string,
    "check quotes and brackets",
  ],
])("--set %s must be wrong usage that names the flag", (word, message, next) => {
  let thrown: unknown;
  try {
    parseSetting(word, () => undefined);
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toMatchObject({ code: "usage", message, next });
});

test("a key of something that the file does not have must be an error with the nearest name", () => {
  const set = ['topics."ordres.raw".partitions=6'];
  expect(checkYaml(shop, { set }).problems).toEqual([
    {
      severity: "error",
      path: ["topics", "ordres.raw"],
      message: '--set topics."ordres.raw".partitions=6: topics has no "ordres.raw"',
      hint: 'did you mean "orders.raw"?',
    },
  ]);
  expect(checkYaml("kafka:\n", { set: ["stores.db.port=5433"] }).problems).toMatchObject([
    {
      message: '--set stores.db.port=5433: stores has no "db"',
      hint: "--set 'stores.db={ … }' adds it",
    },
  ]);
});

test("what the checks across keys find in a --set must name it, and have no place in the file", () => {
  const { problems } = checkYaml(shop, { set: ["kafka.port=[80, 9093, 9094]"] });
  expect(problems).toEqual([
    {
      severity: "error",
      path: ["kafka", "port", 0],
      message: "--set kafka.port=[80, 9093, 9094]: port 80 of kafka-1 is privileged",
      hint: "choose a port from 1024 to 65535, or auto",
    },
  ]);
});

test("a variable in a --set must stay one", () => {
  const { content, stack } = checkYaml(shop, { set: ["kafka.heap=${HEAP}"], env: { HEAP: "1g" } });
  expect(stack?.kafka?.heapBytes).toBe(1024 ** 3);
  expect([...(content?.fromVariables ?? [])]).toEqual([["kafka.heap", "${HEAP}"]]);
});

test("a topic of which the file has but the name must be there to be set", () => {
  const { stack, problems } = checkYaml("topics: [a, b]\n", { set: ["topics.b.partitions=4"] });
  expect(problems).toEqual([]);
  expect(stack?.topics.map(({ partitions }) => partitions)).toEqual([1, 4]);
});
