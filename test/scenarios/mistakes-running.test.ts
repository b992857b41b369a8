import { createServer, type AddressInfo } from "node:net";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { containersOf, identitiesOf } from "../support/docker.ts";
import type { Snapshot } from "../support/leaks.ts";
import { createProject, type Project } from "../support/project.ts";
import { dpCommand, dpEnvironment, eventsOf, failureOf } from "../support/run-dp.ts";

const working = "zookeeper:\nkafka:\ntopics:\n  orders: { partitions: 2 }\n";
let shop: Project;
let clean: Snapshot;

beforeAll(async () => {
  shop = await createProject(working);
  await shop.succeed(["up"]);
  clean = await shop.snapshot();
});

afterEach(async () => {
  expect(await shop.snapshot()).toEqual(clean);
});

afterAll(() => shop[Symbol.asyncDispose]());

test("a port that a program holds must be told with its pid and name, and leave nothing: exit 1", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  await using project = await createProject(`kafka: { port: ${port} }\n`);
  const before = await project.snapshot();
  const result = await project.dp(["up", "--json"], { env: { DP_PORTS: undefined } });
  server.close();
  expect(result.code).toBe(1);
  const failure = failureOf(result);
  expect(failure.code).toBe("port-taken");
  expect(failure.message).toContain(String(port));
  const name = (await readFile("/proc/self/comm", "utf8")).trim();
  expect(failure.why).toContain(`${name} (pid ${process.pid})`);
  expect(failure.next).toContain("port: auto");
  expect(await project.snapshot()).toEqual(before);
});

test("a port that another stack holds must be told with its container and stack, and leave nothing: exit 1", async () => {
  const broker = (await containersOf(shop.name)).find(({ service }) => service === "kafka-1");
  const port = broker?.ports[0]?.hostPort;
  await using project = await createProject(`kafka: { port: ${port} }\n`);
  const before = await project.snapshot();
  const result = await project.dp(["up", "--json"], { env: { DP_PORTS: undefined } });
  expect(result.code).toBe(1);
  const failure = failureOf(result);
  expect(failure.code).toBe("port-taken");
  expect(failure.why).toContain(`${shop.name}-kafka-1`);
  expect(failure.why).toContain(`stack ${shop.name}`);
  expect(await project.snapshot()).toEqual(before);
});

test("no engine at all must be told with every address and how to install one: exit 1", async () => {
  const home = await mkdtemp(join(tmpdir(), `${shop.name}-home-`));
  const [node, bin] = dpCommand;
  // /run is where every socket of an engine lies; in a mount namespace of its own it is empty.
  const isolate = ["--mount", ...(process.getuid?.() === 0 ? [] : ["--map-root-user"])];
  const hidden = 'mount -t tmpfs none "$(readlink -f /var/run)" && exec "$@"';
  const result = await execa(
    "unshare",
    [...isolate, "sh", "-c", hidden, "sh", node, bin, "up", "--json"],
    {
      cwd: shop.folder,
      env: dpEnvironment({
        HOME: home,
        XDG_RUNTIME_DIR: home,
        DOCKER_HOST: undefined,
        DOCKER_CONFIG: undefined,
      }),
      extendEnv: false,
      reject: false,
      timeout: 30_000,
    },
  );
  await rm(home, { recursive: true });
  expect(result.exitCode).toBe(1);
  const { error } = JSON.parse(result.stderr) as { error: ReturnType<typeof failureOf> };
  expect(error.code).toBe("no-engine");
  for (const place of ["/var/run/docker.sock", "docker.sock", ".colima", ".rd", "podman"]) {
    expect(error.evidence.some((line) => line.includes(place) && /: .*no such/.test(line))).toBe(
      true,
    );
  }
  expect(error.next).toContain("docker.io");
});

test("a dead DOCKER_HOST must not make down -v touch another engine: exit 1", async () => {
  const before = await identitiesOf(shop.name);
  const dead = "unix:///nowhere/docker.sock";
  const result = await shop.dp(["down", "-v", "--json"], { env: { DOCKER_HOST: dead } });
  expect(result.code).toBe(1);
  const failure = failureOf(result);
  expect(failure.code).toBe("no-engine");
  expect(failure.why).toContain(dead);
  expect(failure.evidence).toHaveLength(1);
  expect(await identitiesOf(shop.name)).toEqual(before);
});

test("a typo in the config of a running broker must leave the old broker running: exit 1", async () => {
  const before = (await containersOf(shop.name)).map(({ name, id, state }) => ({
    name,
    id,
    state,
  }));
  await shop.succeed(["topic", "produce", "orders"], { input: "kept\n" });
  await shop.configure(
    working.replace("kafka:", "kafka: { config: { log.retention.hours: banana } }"),
  );
  const result = await shop.dp(["up", "--json"]);
  await shop.configure(working);
  expect(result.code).toBe(1);
  expect(failureOf(result).why).toMatch(/banana.*log\.retention\.hours/);
  const after = (await containersOf(shop.name)).map(({ name, id, state }) => ({ name, id, state }));
  expect(after).toEqual(before);
  await shop.succeed(["up"]);
  expect((await shop.succeed(["topic", "tail", "orders", "-o", "start", "-e"])).stdout).toContain(
    "kept",
  );
});

test("a second up at the same time must be told who holds the lock: exit 1", async () => {
  const first = shop.start(["up", "--recreate", "kafka", "--json"]);
  await first.event(({ type }) => type === "plan");
  const second = await shop.dp(["up", "--json"]);
  expect(second.code).toBe(1);
  const failure = failureOf(second);
  expect(failure.code).toBe("locked");
  expect(failure.why).toBe(`pid ${first.pid}: dp up`);
  expect((await first.done).code).toBe(0);
});

test("a typo in a topic's name must fail at once and name the topic that was meant: exit 1", async () => {
  const result = await shop.dp(["topic", "tail", "ordres", "--json"], { timeoutMs: 10_000 });
  expect(result.code).toBe(1);
  expect(failureOf(result).code).toBe("unknown-topic");
  expect(failureOf(result).next).toContain("orders");
  expect(result.stdout).toBe("");
});

test("tail into head -1 must end with 0, without noise, though no further record comes", async () => {
  await shop.succeed(["topic", "produce", "orders"], { input: "a\nb\nc\n" });
  const script = '"$@" | head -1; echo "${PIPESTATUS[0]}"';
  const result = await execa(
    "bash",
    ["-c", script, "bash", ...dpCommand, "topic", "tail", "orders", "-o", "start"],
    { cwd: shop.folder, env: dpEnvironment(), extendEnv: false, timeout: 20_000 },
  );
  const lines = result.stdout.split("\n");
  expect(lines).toHaveLength(2);
  expect(lines[1]).toBe("0");
  expect(result.stderr).toBe("");
});

test("topic list with the stack stopped must say dp up: exit 1", async () => {
  await using project = await createProject(working);
  const result = await project.dp(["topic", "list", "--json"], { timeoutMs: 10_000 });
  expect(result.code).toBe(1);
  expect(failureOf(result).code).toBe("not-running");
  expect(failureOf(result).next).toBe("dp up");
});

test("a typo in the config of a fresh stack must be told in the broker's words, and leave only its logs: exit 1", async () => {
  await using project = await createProject(
    "zookeeper:\nkafka: { config: { log.retention.hours: banana } }\n",
  );
  const before = await project.snapshot();
  const result = await project.dp(["up", "--json"]);
  expect(result.code).toBe(1);
  const failure = failureOf(result);
  expect(failure.code).toBe("exited");
  expect(failure.why).toContain("Invalid value banana for configuration log.retention.hours");
  expect(failure.evidence.join("\n")).toContain("banana");
  expect(failure.next).toBe(
    "fix kafka.config.log.retention.hours in pipeline.yaml, then run dp up",
  );
  const lines = (await readFile(project.file, "utf8")).split("\n");
  const line = lines.findIndex((text) => text.includes("banana")) + 1;
  expect(failure.at).toMatchObject({ file: project.file, line });
  // ZooKeeper itself was well: its wait ended because the broker did.
  const failed = eventsOf(result).filter(({ state }) => state === "failed");
  expect(failed.map(({ target }) => target)).toEqual(["kafka"]);
  expect(await project.snapshot()).toEqual(before);
  const failures = join(project.folder, ".dp", "failures");
  const [folder = ""] = await readdir(failures);
  expect(result.stdout).toContain(join(failures, folder));
  expect(await readFile(join(failures, folder, "kafka-1.log"), "utf8")).toContain("banana");
  const inspected = await readFile(join(failures, folder, "kafka-1.inspect.json"), "utf8");
  expect(inspected).toContain("KAFKA_HEAP_OPTS=***");
  expect(await readFile(join(project.folder, ".dp", ".gitignore"), "utf8")).toBe("*\n");
});
