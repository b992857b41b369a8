import { execa } from "execa";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { containersOf, createVolumeLike, identitiesOf } from "../support/docker.ts";
import type { Snapshot } from "../support/leaks.ts";
import { createProject, type Project } from "../support/project.ts";
import { eventsOf, failureOf } from "../support/run-dp.ts";
import { quickTicks, shortSession } from "../support/short-sessions.ts";

const yaml = `zookeeper: ${quickTicks}
kafka: { brokers: 2, config: { ${shortSession} } }
topics:
  orders: { partitions: 2, replication: 2 }
`;
let shop: Project;
let clean: Snapshot;

beforeAll(async () => {
  shop = await createProject(yaml);
  await shop.succeed(["up"]);
  await shop.succeed(["topic", "produce", "orders"], { input: "first\nsecond\n" });
  clean = await shop.snapshot();
});

afterEach(async () => {
  await shop.configure(yaml);
  expect(await shop.snapshot()).toEqual(clean);
});

afterAll(() => shop[Symbol.asyncDispose]());

test("a second up must change nothing", async () => {
  const before = await identitiesOf(shop.name);
  const plan = await shop.dp(["plan", "--exit-code", "--json"]);
  expect(plan.code).toBe(0);
  expect(JSON.parse(plan.stdout)).toMatchObject({ pending: false, changes: [], topics: [] });
  const up = await shop.succeed(["up", "--json"]);
  expect(eventsOf(up).at(-1)).toMatchObject({ type: "result", ok: true, changes: [] });
  expect(await identitiesOf(shop.name)).toEqual(before);
});

test("a changed broker config must replace just the brokers, and keep the records", async () => {
  const before = await identitiesOf(shop.name);
  await shop.configure(yaml.replace(shortSession, `${shortSession}, num.io.threads: 3`));
  const plan = await shop.dp(["plan", "--exit-code", "--json"]);
  expect(plan.code).toBe(3);
  expect((JSON.parse(plan.stdout) as { changes: unknown[] }).changes).toEqual([
    {
      action: "replace",
      object: "container",
      target: "kafka-1",
      cause: "server.properties: num.io.threads added",
    },
    {
      action: "replace",
      object: "container",
      target: "kafka-2",
      cause: "server.properties: num.io.threads added",
    },
  ]);
  await shop.succeed(["up"]);
  const after = await identitiesOf(shop.name);
  expect(Object.keys(after)).toEqual(Object.keys(before));
  const changed = Object.keys(after).filter((name) => after[name] !== before[name]);
  expect(changed).toEqual([`${shop.name}-kafka-1`, `${shop.name}-kafka-2`]);
  expect(await records()).toEqual(["first", "second"]);
  // Back again, interrupted when the new brokers are ready and the old ones are being removed.
  await shop.configure(yaml);
  const up = shop.start(["up", "--json"]);
  await up.event(({ id, state }) => id === "remove:kafka-1" && state === "start");
  up.kill("SIGINT");
  const { code } = await up.done;
  expect([0, 130]).toContain(code);
  await shop.succeed(["up"]);
  expect(await records()).toEqual(["first", "second"]);
});

test("a broker removed by hand must be created again, with its data", async () => {
  const before = await identitiesOf(shop.name);
  await execa("docker", ["rm", "-f", `${shop.name}-kafka-2`]);
  await shop.succeed(["up"]);
  const after = await identitiesOf(shop.name);
  const changed = Object.keys(after).filter((name) => after[name] !== before[name]);
  expect(changed).toEqual([`${shop.name}-kafka-2`]);
  expect(await records()).toEqual(["first", "second"]);
});

test("down must keep the volumes, and up must bring the records back", async () => {
  await shop.succeed(["down"]);
  expect(await shop.snapshot()).toEqual({ ...clean, containers: [], networks: [] });
  await shop.succeed(["up"]);
  expect(await records()).toEqual(["first", "second"]);
});

test("up must bring a stack back whose containers were all killed at once", async () => {
  const before = (await containersOf(shop.name)).map(({ id }) => id);
  await execa("docker", ["kill", ...before]);
  await shop.succeed(["up"]);
  expect((await containersOf(shop.name)).map(({ id }) => id)).toEqual(before);
  expect(await records()).toEqual(["first", "second"]);
});

test("--recreate must make new containers of just these services, with their data", async () => {
  const before = await identitiesOf(shop.name);
  await shop.succeed(["up", "--recreate", "zookeeper-1"]);
  const after = await identitiesOf(shop.name);
  const changed = Object.keys(after).filter((name) => after[name] !== before[name]);
  expect(changed).toEqual([`${shop.name}-zookeeper-1`]);
  expect(await records()).toEqual(["first", "second"]);
});

test.each([
  [
    "fewer brokers than a topic has replicas",
    "zookeeper:\nkafka: { brokers: 1 }\n",
    /too few for orders \(2 replicas\)/,
    "dp topic reassign orders -r 1",
  ],
  [
    "no ZooKeeper any more",
    "kafka: { brokers: 2 }\n",
    /zookeeper-1-data|other mode/,
    "down --volumes",
  ],
])("%s must be refused, and change nothing: exit 1", async (_, wish, reason, next) => {
  const before = await identitiesOf(shop.name);
  await shop.configure(wish);
  const result = await shop.dp(["up", "--json"]);
  expect(result.code).toBe(1);
  expect(failureOf(result)).toMatchObject({ code: "refused", why: expect.stringMatching(reason) });
  expect(failureOf(result).next).toContain(next);
  expect(await identitiesOf(shop.name)).toEqual(before);
});

test("a typo in ZooKeeper's config must bring back all that was replaced with it: exit 1", async () => {
  const idsOf = async () => (await containersOf(shop.name)).map(({ id, state }) => [id, state]);
  const before = await idsOf();
  await shop.configure(
    "zookeeper: { config: { tickTime: banana } }\nkafka: { brokers: 2, config: { num.io.threads: 3 } }\n",
  );
  const result = await shop.dp(["up", "--json"]);
  expect(result.code).toBe(1);
  expect(failureOf(result).message).toContain("zookeeper-1 exited");
  expect(failureOf(result).why).toContain("banana");
  expect(await idsOf()).toEqual(before);
  await shop.configure(yaml);
  await shop.succeed(["up"]);
  expect(await idsOf()).toEqual(before);
  expect(await records()).toEqual(["first", "second"]);
});

test("a stack of which only the ZooKeeper volume is left must be refused, and nothing made: exit 1", async () => {
  await using project = await createProject("zookeeper:\nkafka:\n");
  await createVolumeLike(
    { project: shop.name, service: "zookeeper-1" },
    { project: project.name, labels: { "dp.file": project.file } },
  );
  const before = await project.snapshot();
  const result = await project.dp(["up", "--json"]);
  expect(result.code).toBe(1);
  expect(failureOf(result)).toMatchObject({ code: "refused" });
  expect(failureOf(result).why).toContain("zookeeper-1-data");
  expect(await project.snapshot()).toEqual(before);
});

test("env must give the same addresses in each format", async () => {
  const { stdout: json } = await shop.succeed(["env", "--json"]);
  const variables = JSON.parse(json) as Record<string, string>;
  const containers = await containersOf(shop.name);
  const addressOf = (service: string): string => {
    const port = containers.find((container) => container.service === service)?.ports[0]?.hostPort;
    return `127.0.0.1:${port}`;
  };
  expect(variables).toEqual({
    KAFKA_BOOTSTRAP_SERVERS: `${addressOf("kafka-1")},${addressOf("kafka-2")}`,
    ZOOKEEPER_CONNECT: addressOf("zookeeper-1"),
  });
  const shell = await shop.succeed(["env"]);
  const evaluated = await execa("sh", [
    "-c",
    `${shell.stdout} echo "$KAFKA_BOOTSTRAP_SERVERS $ZOOKEEPER_CONNECT"`,
  ]);
  expect(evaluated.stdout).toBe(Object.values(variables).join(" "));
  const dotenv = await shop.succeed(["env", "--format", "dotenv"]);
  expect(dotenv.stdout).toBe(
    Object.entries(variables)
      .map(([name, value]) => `${name}=${value}\n`)
      .join(""),
  );
});

test("logs -n must give the last lines of each service that is named", async () => {
  const { stdout } = await shop.succeed(["logs", "kafka", "-n", "2"]);
  const services = stdout
    .trimEnd()
    .split("\n")
    .map((line) => line.split(" ")[0] ?? "");
  expect(services.toSorted()).toEqual(["kafka-1", "kafka-1", "kafka-2", "kafka-2"]);
  const wrong = await shop.dp(["logs", "kafak", "--json"]);
  expect(wrong.code).toBe(2);
  expect(failureOf(wrong).next).toContain("kafka");
});

test("logs -f must follow until Ctrl-C, also with -f before the command for the file: exit 130", async () => {
  const follows = [
    ["logs", "-f", "-n", "1", "kafka"],
    ["-f", shop.file, "logs", "kafka-1", "-f", "--json"],
  ].map((args) => shop.start(args, { timeoutMs: 20_000 }));
  await Promise.all(follows.map((follow) => follow.output("kafka-1")));
  // Each broker says in its log that it has a replica of it.
  await shop.succeed(["topic", "create", "followed", "-p", "1", "-r", "2"]);
  for (const follow of follows) {
    await follow.output("followed-0");
    follow.kill("SIGINT");
    const { code, stdout } = await follow.done;
    expect(code).toBe(130);
    expect(stdout).toContain("kafka-1");
  }
});

async function records(): Promise<string[]> {
  const args = ["topic", "tail", "orders", "-o", "start", "-e", "--json"];
  const { stdout } = await shop.succeed(args);
  const values = stdout
    .trim()
    .split("\n")
    .map((line) => (JSON.parse(line) as { value: string }).value);
  return values.toSorted();
}
