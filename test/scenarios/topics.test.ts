import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { identitiesOf } from "../support/docker.ts";
import { createProject, type Project } from "../support/project.ts";
import { eventsOf, failureOf } from "../support/run-dp.ts";

interface Described {
  readonly name: string;
  readonly partitions: readonly unknown[];
  readonly config: Readonly<Record<string, string>>;
}

const yaml = (topics: string): string => `kafka:\ntopics:\n${topics}`;
const orders = "  orders: { partitions: 2, config: { retention.ms: 7d } }\n";
let shop: Project;
let containers: Record<string, string>;

beforeAll(async () => {
  shop = await createProject(yaml(orders));
  await shop.write("data/orders.jsonl", '{"key":"1","value":"a"}\n{"key":"2","value":"b"}\n');
  await shop.succeed(["up"]);
  await shop.succeed(["topic", "create", "theirs"]);
  containers = await identitiesOf(shop.name);
});

afterEach(async () => {
  expect(await identitiesOf(shop.name)).toEqual(containers);
});

afterAll(() => shop[Symbol.asyncDispose]());

test("a longer retention must be set on the topic, and nothing else be changed", async () => {
  await shop.configure(yaml(orders.replace("7d", "14d")));
  const plan = await shop.dp(["plan", "--exit-code", "--json"]);
  expect(plan.code).toBe(3);
  expect(JSON.parse(plan.stdout)).toMatchObject({
    changes: [],
    topics: [{ kind: "set-config", topic: "orders", key: "retention.ms", value: "1209600000" }],
  });
  await shop.succeed(["up"]);
  expect((await shop.dp(["plan", "--exit-code"])).code).toBe(0);
  expect(await configOf("orders")).toMatchObject({ "retention.ms": "1209600000" });
});

test("partitions must grow on an empty topic", async () => {
  await shop.configure(yaml(orders.replace("7d", "14d").replace("partitions: 2", "partitions: 4")));
  await shop.succeed(["up"]);
  expect(await partitionsOf("orders")).toBe(4);
});

test("a shorter retention and more partitions of a topic with records must be refused while the stack runs on: exit 1", async () => {
  await shop.succeed(["topic", "produce", "orders"], { input: "one\n" });
  for (const [wish, next] of [
    ["partitions: 4, config: { retention.ms: 1h }", "--set retention.ms=3600000"],
    ["partitions: 8", "-p 8"],
  ] as const) {
    await shop.configure(yaml(`  orders: { ${wish} }\n  more:\n`));
    const result = await shop.dp(["up", "--json"]);
    expect(result.code).toBe(1);
    expect(failureOf(result)).toMatchObject({ code: "refused" });
    expect(failureOf(result).why).toContain("orders");
    expect(failureOf(result).next).toBe(`dp topic alter orders ${next}`);
  }
  expect(await configOf("orders")).toMatchObject({ "retention.ms": "1209600000" });
  expect(await partitionsOf("orders")).toBe(4);
  expect(await partitionsOf("more")).toBe(1);
});

test("topics that the file does not name must be left alone", async () => {
  await shop.configure(yaml("  another:\n"));
  await shop.succeed(["up"]);
  const { stdout } = await shop.succeed(["topic", "list", "--json"]);
  const { topics } = JSON.parse(stdout) as { topics: { name: string }[] };
  expect(topics.map(({ name }) => name)).toEqual(
    expect.arrayContaining(["theirs", "orders", "another"]),
  );
});

test("apply must name what differs, change what is safe, and delete others only when told: exit 3, 0, 1", async () => {
  await shop.configure(yaml("  another: { partitions: 2, config: { segment.ms: 1h } }\n  next:\n"));
  const dry = await shop.dp(["topic", "apply", "--dry-run", "--exit-code", "--prune"]);
  expect(dry.code).toBe(3);
  expect(dry.stdout).toContain("~ change topic another: partitions 1 → 2\n");
  expect(dry.stdout).toContain("~ change topic another: segment.ms 604800000 → 3600000\n");
  expect(dry.stdout).toContain("+ create topic next (1 partition, 1 replica): does not exist\n");
  expect(dry.stdout).toContain("- delete topic theirs: the file does not name it\n");
  expect((await shop.dp(["topic", "apply", "--prune"])).code).toBe(2);
  expect(await partitionsOf("another")).toBe(1);
  await shop.succeed(["topic", "apply"]);
  expect(await configOf("another")).toEqual({ "segment.ms": "3600000" });
  expect((await shop.dp(["topic", "apply", "--dry-run", "--exit-code"])).code).toBe(0);
  await shop.succeed(["topic", "apply", "--prune", "-y"]);
  const { stdout } = await shop.succeed(["topic", "list", "-a", "--json"]);
  const { topics } = JSON.parse(stdout) as { topics: { name: string }[] };
  const names = topics.map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(["__consumer_offsets", "another", "next"]));
  expect(names).not.toContain("theirs");
  await shop.configure(
    yaml("  another: { config: { segment.ms: 1h, retention.ms: 1h } }\n  next:\n"),
  );
  const unsafe = await shop.dp(["topic", "apply", "--json"]);
  expect(unsafe.code).toBe(1);
  expect(failureOf(unsafe)).toMatchObject({
    code: "refused",
    next: "dp topic alter another --set retention.ms=3600000",
  });
});

test("a seed must be loaded once", async () => {
  await shop.configure(yaml("  seeded: { seed: data/orders.jsonl }\n"));
  const tail = ["topic", "tail", "seeded", "-o", "start", "-e", "--format", "%k=%v\\n"];
  await shop.succeed(["up"]);
  expect((await shop.succeed(tail)).stdout).toBe("1=a\n2=b\n");
  await shop.succeed(["up"]);
  expect((await shop.succeed(tail)).stdout).toBe("1=a\n2=b\n");
});

test("Ctrl-C after readiness must leave the stack running, and the next up must finish its topics: exit 130", async () => {
  await shop.configure(yaml("  late: { partitions: 3 }\n"));
  const up = shop.start(["up", "--json"]);
  await up.event(({ id, state }) => id === "topics:kafka" && state === "start");
  up.kill("SIGINT");
  const result = await up.done;
  expect([0, 130]).toContain(result.code);
  expect(eventsOf(result).some(({ phase }) => phase === "undo")).toBe(false);
  await shop.succeed(["up"]);
  expect(await partitionsOf("late")).toBe(3);
});

async function describe(topic: string): Promise<Described> {
  const { stdout } = await shop.succeed(["topic", "describe", topic, "--json"]);
  const document = JSON.parse(stdout) as { topics?: Described[] } & Described;
  return document.topics?.[0] ?? document;
}

async function partitionsOf(topic: string): Promise<number> {
  return (await describe(topic)).partitions.length;
}

async function configOf(topic: string): Promise<Described["config"]> {
  return (await describe(topic)).config;
}
