import { expect, test } from "vitest";
import { checkYaml, messagesOf } from "./check-yaml.ts";

const shop = `name: shop
zookeeper: { heap: 256m }
kafka: { brokers: 3, heap: 512m, port: [9092, 9093, 9094], mem_limit: 1g }
topics:
  orders.raw: { partitions: 3, config: { retention.ms: 7d, cleanup.policy: compact } }
  orders.bad:
services:
  api: { image: x, ports: ["8085:80", "8086:81"], environment: { A: "1", B: "2" } }
profiles:
  ci:
    zookeeper: false
    kafka: { brokers: 1, port: [auto], mem_limit: false }
    topics:
      orders.raw: { partitions: 1, config: { retention.ms: 1d } }
      orders.bad: false
      orders.new:
    services:
      api: { ports: ["8085"], environment: { B: false } }
`;

function stackOf(text: string, profile?: string) {
  const { stack, problems } = checkYaml(text, profile === undefined ? {} : { profile });
  expect(problems).toEqual([]);
  return stack;
}

test("a profile must be merged key by key, lists replaced, and false take away", () => {
  const stack = stackOf(shop, "ci");
  expect(stack).toMatchObject({
    profile: "ci",
    zookeeper: undefined,
    kafka: {
      mode: "kraft",
      brokers: 1,
      ports: ["auto"],
      heapBytes: 512 * 1024 ** 2,
      memLimitBytes: undefined,
    },
    topics: [
      {
        name: "orders.raw",
        partitions: 1,
        config: { "retention.ms": "86400000", "cleanup.policy": "compact" },
      },
      { name: "orders.new" },
    ],
    services: [{ environment: { A: "1", B: "false" }, ports: [{ containerPort: 8085 }] }],
  });
  expect(stack?.topics).toHaveLength(2);
  expect(stack?.services[0]?.ports).toHaveLength(1);
});

test("the file alone must be what it says, whatever its profiles are", () => {
  expect(stackOf(shop)).toMatchObject({
    profile: undefined,
    zookeeper: { heapBytes: 256 * 1024 ** 2 },
    kafka: { brokers: 3, memLimitBytes: 1024 ** 3 },
    topics: [{ name: "orders.raw", partitions: 3 }, { name: "orders.bad" }],
  });
});

test("an empty section of a profile must switch it on, and leave settings that are there alone", () => {
  const text = "kafka: { brokers: 2 }\nprofiles: { zk: { zookeeper: , kafka: } }\n";
  expect(stackOf(text, "zk")).toMatchObject({
    zookeeper: { ports: [2181] },
    kafka: { brokers: 2, mode: "zookeeper" },
  });
});

test("a profile must be able to give settings to topics of which the file has but the names", () => {
  const text = "topics: [a, b]\nprofiles: { big: { topics: { b: { partitions: 9 } } } }\n";
  expect(stackOf(text, "big")?.topics.map(({ partitions }) => partitions)).toEqual([1, 9]);
  const list = "topics: [a, b]\nprofiles: { small: { topics: [a] } }\n";
  expect(stackOf(list, "small")?.topics.map(({ name }) => name)).toEqual(["a"]);
});

test("anchors must work from the file into its profiles", () => {
  const text =
    "kafka: &few { brokers: 1, heap: 512m }\nprofiles: { more: { kafka: { <<: *few, brokers: 2 } } }\n";
  expect(stackOf(text, "more")?.kafka).toMatchObject({ brokers: 2, heapBytes: 512 * 1024 ** 2 });
});

test("mistakes in a profile must be told at their places, though it is not chosen", () => {
  const { problems } = checkYaml(
    "kafka:\nprofiles:\n  ci:\n    kafak: { brokers: many }\n    name: other\n    kafka: { port: 99999 }\n",
  );
  expect(problems.map(({ message, at }) => [message, at?.line, at?.column])).toEqual([
    ['unknown key "kafak"', 4, 5],
    ['unknown key "name"', 5, 5],
    ['"port" must be a port from 1 to 65535, or auto, not 99999', 6, 20],
  ]);
});

test("checks across keys must look at the merged file, and point to where the value stands", () => {
  const text = `kafka: { brokers: 3 }
topics:
  a: { replication: 3 }
profiles:
  one:
    kafka: { brokers: 1 }
  two:
    kafka: { brokers: 2 }
    topics: { a: { replication: 2 } }
  more:
    topics:
      a: { replication: 4 }
`;
  const places = (profile: string) =>
    checkYaml(text, { profile }).problems.map(({ at }) => [at?.line, at?.column]);
  expect(messagesOf(text)).toEqual([]);
  expect(places("one")).toEqual([[3, 21]]);
  expect(places("two")).toEqual([]);
  expect(places("more")).toEqual([[12, 25]]);
});

test("what a profile took away must be asked for where it did so", () => {
  const text = "kafka:\ntopics: [a]\nprofiles:\n  off:\n    kafka: false\n";
  const { problems } = checkYaml(text, { profile: "off" });
  expect(problems).toMatchObject([
    { message: "kafka is switched off, but there are topics", at: { line: 5, column: 12 } },
  ]);
});

test.each([
  ["nothing", "ci:"],
  ["an empty map", "ci: {}"],
  ["what the file says", "ci: { kafka: { brokers: 2 } }"],
  ["an empty section that is there", "ci: { kafka: }"],
])("a profile with %s must be warned about", (_, profile) => {
  const text = `kafka: { brokers: 2 }\nprofiles:\n  ${profile}\n`;
  expect(checkYaml(text).problems).toMatchObject([
    { severity: "warning", message: 'profile "ci" overlays nothing', at: { line: 3, column: 3 } },
  ]);
});

test.each(["none", "CI", "1a"])("a profile must not be called %s", (name) => {
  const text = `kafka:\nprofiles: { "${name}": { kafka: { brokers: 2 } } }\n`;
  expect(messagesOf(text)).toEqual([`"${name}" cannot be the name of a profile`]);
});

test("variables of a profile must be set only where it is in use, and be readable everywhere", () => {
  const text =
    'kafka:\nstores: { db: { password: "${DEV}" } }\nprofiles: { prod: { stores: { db: { password: "${PROD:?say it}" } } } }\n';
  expect(messagesOf(text, { env: { DEV: "x" } })).toEqual([]);
  expect(messagesOf(text, { env: { DEV: "x" }, profile: "prod" })).toEqual(["PROD: say it"]);
  const bad = 'kafka:\nprofiles: { prod: { kafka: { heap: "${" } } }\n';
  expect(messagesOf(bad)).toEqual(["cannot read the variable ${"]);
});

test("only variables that are in effect must count as variables", () => {
  const text = `kafka: { port: "\${PORT}", heap: "\${HEAP}" }
profiles: { ci: { kafka: { port: 9192, brokers: "\${N}", heap: false } } }
`;
  const env = { PORT: "9092", HEAP: "1g", N: "2" };
  const shown = (profile?: string) => {
    const { content } = checkYaml(text, profile === undefined ? { env } : { env, profile });
    return [...(content?.fromVariables ?? [])];
  };
  expect(shown()).toEqual([
    ["kafka.port", "${PORT}"],
    ["kafka.heap", "${HEAP}"],
  ]);
  expect(shown("ci")).toEqual([["kafka.brokers", "${N}"]]);
});

test("a literal password in the profile in use must be warned about, and one from a variable not", () => {
  const text =
    'kafka:\nstores: { db: }\nprofiles: { a: { stores: { db: { password: x } } }, b: { stores: { db: { password: "${P}" } } } }\n';
  const env = { P: "y" };
  expect(messagesOf(text, { env, profile: "a" })).toEqual([
    'the password of store "db" stands in the file',
  ]);
  expect(messagesOf(text, { env, profile: "b" })).toEqual([]);
});

test("a variable must not have to be set where its value is not in effect", () => {
  const text = `kafka:
stores: { db: { password: "\${PROD}", init: ["\${A}.sql"] }, other: { port: 5433, user: "\${B}" } }
profiles: { ci: { stores: { db: { password: dp, init: false }, other: false } } }
`;
  expect(messagesOf(text)).toEqual([
    "variable PROD is not set",
    "variable A is not set",
    "variable B is not set",
  ]);
  expect(messagesOf(text, { profile: "ci" })).toEqual([]);
  const set = ["stores.db.password=dp", "stores.db.init=false", "stores.other.user=dp"];
  expect(messagesOf(text, { set })).toEqual([]);
});

test("what a profile merges in with << must give way to its own keys, false too", () => {
  const text = `x-none: &none { mem_limit: false, heap: 256m }
kafka: { mem_limit: 2g }
profiles:
  own: { kafka: { <<: *none, mem_limit: 1g } }
  merged: { kafka: { <<: *none } }
`;
  expect(stackOf(text, "own")?.kafka?.memLimitBytes).toBe(1024 ** 3);
  expect(stackOf(text, "merged")?.kafka).toMatchObject({
    memLimitBytes: undefined,
    heapBytes: 256 * 1024 ** 2,
  });
});
