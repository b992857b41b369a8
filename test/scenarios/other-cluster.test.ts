import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startCluster, type TestCluster } from "../support/kafka-cluster.ts";
import { failureOf, runDp, type DpResult } from "../support/run-dp.ts";
import { runOnTerminal } from "../support/terminal.ts";
import { unusedPort } from "../support/unused-port.ts";

let running: TestCluster;
let brokers: string;
let web: Server;
/** Without a pipeline.yaml. */
let folder: string;

beforeAll(async () => {
  const stray = { name: "STRAY", protocol: "PLAINTEXT", advertised: "kafka.invalid:9092" } as const;
  running = await startCluster({ brokers: 1, mode: "kraft", listeners: [stray] });
  brokers = running.bootstrap;
  web = createServer().listen(0, "127.0.0.1");
  folder = await mkdtemp(join(tmpdir(), "dp-other-"));
  const created = await dp(["topic", "create", "orders", "-p", "2", "--brokers", brokers]);
  if (created.code !== 0) throw new Error(created.stderr);
});

afterAll(async () => {
  web?.close();
  await running?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

/** No file, and no engine. Must not hang. */
function dp(
  args: readonly string[],
  more: { readonly env?: Record<string, string>; readonly input?: string } = {},
): Promise<DpResult> {
  const env = { DOCKER_HOST: "unix:///nowhere/docker.sock", ...more.env };
  return runDp({ args, cwd: folder, ...more, env, timeoutMs: 30_000 });
}

test("a cluster that is no stack must be of use without a file and without an engine", async () => {
  const at = ["--brokers", brokers];
  const written = await dp(["topic", "produce", "orders", ...at], { input: "one\n" });
  expect(written).toMatchObject({ code: 0 });
  const read = await dp(["topic", "tail", "orders", "-e", "--format", "%v\\n", ...at]);
  expect(read).toMatchObject({ code: 0, stdout: "one\n", stderr: "" });
  const groups = await dp(["group", "list", "--json", ...at]);
  expect(groups).toMatchObject({ code: 0 });
  expect(JSON.parse(groups.stdout)).toMatchObject({ groups: [] });
});

test("the environment must name the cluster where no file does, and be told of before a change", async () => {
  const env = { KAFKA_BOOTSTRAP_SERVERS: brokers };
  const listed = await dp(["topic", "list", "--json"], { env });
  expect(listed).toMatchObject({ code: 0, stderr: "" });
  expect(listed.stdout).toContain("orders");
  const created = await dp(["topic", "create", "more"], { env });
  expect(created.stderr).toContain(`cluster: ${brokers} (KAFKA_BOOTSTRAP_SERVERS)`);
  const nowhere = await dp(["topic", "list", "--json"]);
  expect(nowhere.code).not.toBe(0);
});

test("an address where no broker is must be told with what to do", async () => {
  const { port } = web.address() as AddressInfo;
  const places = [
    [`127.0.0.1:${await unusedPort()}`, "ECONNREFUSED", "check the port"],
    ["kafka.invalid:9092", "kafka.invalid", "check the host's name"],
    [`127.0.0.1:${port}`, "does not speak Kafka's protocol: it answers \"HTTP", "check the port"],
  ] as const;
  const list = ["topic", "list", "--json", "--brokers"];
  const runs = await Promise.all(places.map(([address]) => dp([...list, address])));
  for (const [index, [, why, next]] of places.entries()) {
    const failed = runs[index] as DpResult;
    expect(failed.code).toBe(1);
    expect(failureOf(failed)).toMatchObject({
      code: "kafka-failed",
      message: "no broker answers",
      why: expect.stringContaining(why),
      next: expect.stringContaining(next),
    });
  }
});

test("an advertised address that can't be reached must be told, with where it comes from", async () => {
  const { host = "", port = 0 } = running.listeners["STRAY"] ?? {};
  const at = ["--json", "--brokers", `${host}:${port}`];
  const verbs = ["describe", "tail"];
  for (const failed of await Promise.all(
    verbs.map((verb) => dp(["topic", verb, "orders", ...at])),
  )) {
    expect(failed.code).toBe(1);
    expect(failureOf(failed)).toMatchObject({
      code: "kafka-failed",
      why: expect.stringContaining(`${host}:${port} sends dp to broker 1 at kafka.invalid:9092`),
      next: expect.stringContaining("advertised.listeners"),
    });
  }
});

test("a password that is typed must be used, and never be shown", async () => {
  const args = ["topic", "list", "--brokers", brokers, "--sasl", "plain", "--user", "alice"];
  const run = { args, cwd: folder };
  const typed = await runOnTerminal({ ...run, typing: [["Password of alice", "s3cret\r"]] });
  expect(typed.code).toBe(1);
  expect(typed.shown).toContain("does not use SASL");
  expect(typed.shown).not.toContain("s3cret");
  const ended = await runOnTerminal({ ...run, typing: [["Password of alice", "\u0003"]] });
  expect(ended.code).toBe(130);
});

test("an unknown topic must be told with the nearest name", async () => {
  const at = ["--json", "--brokers", brokers];
  const verbs = ["describe", "tail", "produce", "delete"];
  for (const failed of await Promise.all(
    verbs.map((verb) => dp(["topic", verb, "oders", ...at])),
  )) {
    expect(failed.code).toBe(1);
    expect(failureOf(failed)).toMatchObject({
      code: "unknown-topic",
      next: 'did you mean "orders"?',
    });
  }
});

test("a frozen broker must end every command with a failure", async () => {
  await running.pause(1);
  try {
    const commands = [
      ["topic", "list"],
      ["topic", "describe", "orders"],
      ["topic", "tail", "orders"],
      ["topic", "produce", "orders"],
      ["group", "list"],
    ];
    const failed = await Promise.all(
      commands.map((words) => dp([...words, "--json", "--brokers", brokers], { input: "{}\n" })),
    );
    for (const one of failed) {
      expect(one.code).toBe(1);
      expect(failureOf(one)).toMatchObject({
        code: "kafka-failed",
        message: "no broker answers",
        why: expect.stringContaining("did not answer Metadata"),
      });
    }
  } finally {
    await running.unpause(1);
  }
});
