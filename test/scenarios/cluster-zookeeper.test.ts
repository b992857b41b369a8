import { execa } from "execa";
import { Kafka, logLevel } from "kafkajs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { containersOf, identitiesOf } from "../support/docker.ts";
import type { Snapshot } from "../support/leaks.ts";
import { createProject, type Project } from "../support/project.ts";
import { eventsOf } from "../support/run-dp.ts";
import { quickTicks, shortSession } from "../support/short-sessions.ts";

const ensemble = quickTicks.replace("{", "{ nodes: 3,");
const yamlWith = (config: string): string => `zookeeper: ${ensemble}
kafka: { brokers: 3, config: { ${shortSession}${config} } }
topics:
  orders: { partitions: 3, replication: 3 }
`;
let shop: Project;
let clean: Snapshot;

beforeAll(async () => {
  shop = await createProject(yamlWith(""));
  await shop.succeed(["up"]);
  clean = await shop.snapshot();
});

afterAll(() => shop[Symbol.asyncDispose]());

test("changes broker by broker must lose no record that was acknowledged, also where one fails", async () => {
  const before = await identitiesOf(shop.name);
  await using producing = await startProducing();

  await shop.configure(yamlWith(", num.io.threads: 3"));
  const up = await shop.succeed(["up", "--json"]);
  const steps = eventsOf(up).filter(({ state }) => state === "done");
  const order = steps.map(({ id = "" }) => id).filter((id) => /^(stop|steady):/.test(id));
  expect(order).toEqual([
    "steady:kafka",
    ...["kafka-1", "kafka-2", "kafka-3"].flatMap((service) => [
      `stop:${service}`,
      `steady:${service}`,
    ]),
  ]);
  const changed = await identitiesOf(shop.name);
  expect(Object.keys(changed)).toEqual(Object.keys(before));
  const replaced = Object.keys(changed).filter((name) => changed[name] !== before[name]);
  expect(replaced).toEqual([1, 2, 3].map((id) => `${shop.name}-kafka-${id}`));
  process.stdout.write(
    `longest gap of a producer while 3 brokers rolled: ${producing.longestGapMs()} ms\n`,
  );

  await shop.configure(yamlWith(", num.io.threads: 4"));
  const failing = shop.start(["up", "--json"]);
  await failing.event(({ id, state }) => id === "start:kafka-2" && state === "done");
  await execa("docker", ["kill", `${shop.name}-kafka-2`]);
  const { code, stdout } = await failing.done;
  expect(code).toBe(1);
  expect(stdout).toContain("kafka-1 had been changed and proven, and stays so");
  const idOf = (identity = ""): string => identity.split(" ").slice(0, 2).join(" ");
  const after = await identitiesOf(shop.name);
  const others = Object.keys(after).filter((name) => idOf(after[name]) !== idOf(changed[name]));
  expect(others).toEqual([`${shop.name}-kafka-1`]);

  await shop.configure(yamlWith(", num.io.threads: 3"));
  await shop.succeed(["up"]);
  expect(await shop.snapshot()).toEqual(clean);
  const acknowledged = await producing.stop();
  expect(acknowledged.length).toBeGreaterThan(0);
  const stored = new Set(await values());
  expect(acknowledged.filter((value) => !stored.has(value))).toEqual([]);
});

test("up must bring back an ensemble and its brokers that were all killed at once", async () => {
  const ids = (await containersOf(shop.name)).map(({ id }) => id);
  const stored = await values();
  await execa("docker", ["kill", ...ids]);
  await shop.succeed(["up"]);
  expect((await containersOf(shop.name)).map(({ id }) => id)).toEqual(ids);
  expect(await values()).toEqual(stored);
});

interface Producing extends AsyncDisposable {
  longestGapMs(): number;
  /** Ends after the record under way; the values that were acknowledged. */
  stop(): Promise<string[]>;
}

/** Sends record after record with acks=all, each once the one before is acknowledged. */
async function startProducing(): Promise<Producing> {
  const brokers = (await containersOf(shop.name))
    .filter(({ kind }) => kind === "kafka")
    .flatMap(({ ports }) => ports.map(({ hostPort }) => `127.0.0.1:${hostPort}`));
  const retry = { retries: 100, initialRetryTime: 50, maxRetryTime: 200 };
  const client = new Kafka({ brokers, retry, logLevel: logLevel.NOTHING });
  // An idempotent one of kafkajs may give a number twice when a retry goes to another partition.
  const producer = client.producer();
  await producer.connect();
  const acknowledged: string[] = [];
  let gap = 0;
  let running = true;
  const loop = (async () => {
    for (let last = performance.now(); running;) {
      const value = `${acknowledged.length}`;
      await producer.send({ topic: "orders", acks: -1, messages: [{ value }] });
      acknowledged.push(value);
      gap = Math.max(gap, performance.now() - last);
      last = performance.now();
    }
  })();
  loop.catch(() => {});
  const stop = async (): Promise<string[]> => {
    running = false;
    await loop;
    return acknowledged;
  };
  return {
    longestGapMs: () => Math.round(gap),
    stop,
    [Symbol.asyncDispose]: async () => {
      await stop().catch(() => {});
      await producer.disconnect();
    },
  };
}

async function values(): Promise<string[]> {
  const args = ["topic", "tail", "orders", "-o", "start", "-e", "--format", "%v\n"];
  const { stdout } = await shop.succeed(args);
  return stdout.trim().split("\n").toSorted();
}
