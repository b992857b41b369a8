import { execa } from "execa";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openCluster } from "../../src/kafka/cluster/cluster.ts";
import { sourceRecord, type SourceRecord } from "../../src/kafka/produce/encoder.ts";
import { produceRecords } from "../../src/kafka/produce/produce.ts";
import { containersOf, identitiesOf } from "../support/docker.ts";
import type { Snapshot } from "../support/leaks.ts";
import { createProject, type Project } from "../support/project.ts";
import { eventsOf, failureOf } from "../support/run-dp.ts";
import { quickTicks, shortSession } from "../support/short-sessions.ts";

const ensemble = quickTicks.replace("{", "{ nodes: 3,");
const yamlWith = (config: string, brokers = 3): string => `zookeeper: ${ensemble}
kafka: { brokers: ${brokers}, config: { ${shortSession}${config} } }
topics:
  orders: { partitions: 3, replication: ${brokers} }
`;
let shop: Project;
let clean: Snapshot;

beforeAll(async () => {
  shop = await createProject(yamlWith(""));
  await shop.succeed(["up"]);
  clean = await shop.snapshot();
});

afterAll(() => shop[Symbol.asyncDispose]());

test("changes broker by broker must lose and double no record, also where one fails", async () => {
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
  expect(await values()).toEqual(acknowledged.toSorted());
});

test("a broker that leaves must hand over all it has, also when that is interrupted", async () => {
  const before = await identitiesOf(shop.name);
  await shop.configure(yamlWith(", num.io.threads: 3", 2));
  const refused = await shop.dp(["up", "--json"]);
  expect(refused.code).toBe(1);
  expect(failureOf(refused)).toMatchObject({
    code: "refused",
    next: "dp topic reassign orders -r 2, then dp up",
  });
  expect(await identitiesOf(shop.name)).toEqual(before);

  await shop.succeed(["topic", "reassign", "orders", "-r", "2"]);
  await using producing = await startProducing();
  const interrupted = shop.start(["up", "--json"]);
  await interrupted.event(({ id, state }) => id === "drain" && state === "start");
  interrupted.kill("SIGINT");
  expect((await interrupted.done).code).toBe(130);

  await shop.succeed(["up"]);
  const services = (await containersOf(shop.name)).map(({ service }) => service);
  expect(services.filter((service) => service.startsWith("kafka"))).toEqual(["kafka-1", "kafka-2"]);
  expect((await shop.snapshot()).volumes).not.toContain(`${shop.name}-kafka-3-data`);
  expect((await shop.dp(["plan", "--exit-code"])).code).toBe(0);
  const acknowledged = await producing.stop();
  expect(acknowledged.length).toBeGreaterThan(0);
  const stored = new Set(await values());
  expect(acknowledged.filter((value) => !stored.has(value))).toEqual([]);
});

interface Producing extends AsyncDisposable {
  longestGapMs(): number;
  /** Ends after the record under way; the values that were acknowledged. */
  stop(): Promise<string[]>;
}

/** Writes record after record as `dp topic produce` does, each once the one before is acknowledged. */
async function startProducing(): Promise<Producing> {
  const bootstrap = (await containersOf(shop.name))
    .filter(({ kind }) => kind === "kafka")
    .flatMap(({ ports }) => ports.map(({ hostPort }) => ({ host: "127.0.0.1", port: hostPort })));
  const cluster = openCluster({ bootstrap });
  const acknowledged: string[] = [];
  let gap = 0;
  let last = performance.now();
  let running = true;
  let acknowledge: (() => void) | undefined;
  async function* records(): AsyncGenerator<SourceRecord[], void, void> {
    while (running) {
      const value = `${acknowledged.length}`;
      const answered = new Promise<void>((resolve) => (acknowledge = resolve));
      yield [sourceRecord({ key: null, value: Buffer.from(value), headers: [] })];
      await answered;
      acknowledged.push(value);
      gap = Math.max(gap, performance.now() - last);
      last = performance.now();
    }
  }
  const producing = produceRecords({
    cluster,
    topic: "orders",
    records: records(),
    progress: ({ records: written }) => {
      if (written > acknowledged.length) acknowledge?.();
    },
  });
  producing.catch(() => {});
  const stop = async (): Promise<string[]> => {
    running = false;
    const { failed, ended } = await producing;
    expect({ failed, ended }).toEqual({ failed: 0, ended: undefined });
    return acknowledged;
  };
  return {
    longestGapMs: () => Math.round(gap),
    stop,
    [Symbol.asyncDispose]: async () => {
      await stop().catch(() => {});
      cluster.close();
    },
  };
}

async function values(): Promise<string[]> {
  const args = ["topic", "tail", "orders", "-o", "start", "-e", "--format", "%v\n"];
  const { stdout } = await shop.succeed(args);
  return stdout.trim().split("\n").toSorted();
}
