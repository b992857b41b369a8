import { rename } from "node:fs/promises";
import { tmpdir } from "node:os";
import { afterAll, beforeAll, expect, test } from "vitest";
import { containersOf, engineClient, identitiesOf } from "../support/docker.ts";
import { createProject, type Project } from "../support/project.ts";
import { eventsOf, failureOf, type DpResult } from "../support/run-dp.ts";
import { runOnTerminal } from "../support/terminal.ts";

let shop: Project;
let proven: DpResult;

beforeAll(async () => {
  // Java's consumers ask for longer sessions: the proof from inside fails.
  shop = await createProject(
    "zookeeper:\nkafka: { brokers: 2, config: { group.max.session.timeout.ms: 6001 } }\n",
  );
  proven = await shop.dp(["up", "--smoke", "--json"]);
});

afterAll(() => shop[Symbol.asyncDispose]());

interface Life {
  readonly startedAt: number;
  readonly finishedAt: number;
}

/** When each container was last started and stopped, in epoch milliseconds. */
async function livesOf(): Promise<Record<string, Life>> {
  const client = await engineClient();
  const containers = await containersOf(shop.name);
  const lives = containers.map(async ({ id, service }) => {
    const { State: state } = await client.getContainer(id).inspect();
    const { StartedAt: started, FinishedAt: finished } = state;
    return [service, { startedAt: Date.parse(started), finishedAt: Date.parse(finished) }] as const;
  });
  return Object.fromEntries(await Promise.all(lives));
}

test("up --smoke must tell the proof that failed as its one result, and leave the stack: exit 10", async () => {
  expect(proven.code).toBe(10);
  const results = eventsOf(proven).filter(({ type }) => type === "result");
  expect(results).toMatchObject([{ ok: false, project: shop.name }]);
  const [{ smoke }] = results as unknown as [{ smoke: SmokeDocument }];
  const verdicts = smoke.checks.map(({ name, verdict }) => `${name} ${verdict}`);
  expect(verdicts).toContain("inside failed");
  const containers = await containersOf(shop.name);
  expect(containers.map(({ service, state }) => `${service} ${state}`)).toEqual([
    "kafka-1 running",
    "kafka-2 running",
    "zookeeper-1 running",
  ]);
});

interface SmokeDocument {
  readonly checks: readonly { readonly name: string; readonly verdict: string }[];
}

async function listed(): Promise<unknown> {
  const { stdout } = await shop.succeed(["ls", "--json"]);
  const { stacks } = JSON.parse(stdout) as { stacks: { name: string }[] };
  return stacks.find(({ name }) => name === shop.name);
}

test("ls must tell a stack's state, services, file and volumes, and a file that is gone", async () => {
  expect(await listed()).toMatchObject({
    state: "running",
    running: 3,
    services: ["kafka-1", "kafka-2", "zookeeper-1"].map((service) => ({
      service,
      state: "running",
    })),
    file: shop.file,
    fileExists: true,
    volumes: ["kafka-1", "kafka-2", "zookeeper-1"].map((one) => `${shop.name}-${one}-data`),
  });
  const aside = `${shop.file}.aside`;
  await rename(shop.file, aside);
  const { stdout } = await shop.succeed(["ls"]);
  await rename(aside, shop.file);
  expect(stdout).toMatch(/^NAME +STATE +SERVICES +VOLUMES +AGE +FILE\n/);
  const row = stdout.split("\n").find((line) => line.startsWith(shop.name));
  expect(row).toMatch(/ running +3\/3 +3 +\d+ [smh] +gone: \//);
});

test("exec must keep the streams apart, hand over its input and pass the exit code on", async () => {
  const script = "cat; echo problem >&2; echo $WORD; id -u; exit 7";
  const result = await shop.dp(
    ["exec", "kafka-1", "-u", "0", "-e", "WORD=hello", "--", "sh", "-c", script],
    { input: "a\nb\n" },
  );
  expect(result).toMatchObject({ code: 7, stdout: "a\nb\nhello\n0\n", stderr: "problem\n" });
});

test("exec without a command must be a shell; its input may be a script", async () => {
  const result = await shop.dp(["exec", "zookeeper"], { input: "hostname\nexit 4\n" });
  expect(result).toMatchObject({ code: 4, stdout: "zookeeper-1\n" });
});

test("exec must pass a signal to the command, and wait for its end", async () => {
  const script = "trap 'echo told; exit 9' INT; echo up; while :; do sleep 0.05; done";
  const exec = shop.start(["exec", "kafka-1", "--", "sh", "-c", script]);
  await exec.output("up\n");
  exec.kill("SIGINT");
  expect(await exec.done).toMatchObject({ code: 9, stdout: "up\ntold\n" });
});

test("exec on a terminal must give the command one, with every key and its size, and restore it", async () => {
  const { code, shown } = await runOnTerminal({
    args: ["exec", "kafka-1"],
    cwd: shop.folder,
    typing: [
      // One job: between two the key would reach none.
      ["$ ", "sh -c 'stty size; exec sleep 60'\r"],
      ["33 100", "\u0003"],
      ["$ ", "exit 6\r"],
    ],
    after: "stty -a | grep -ow -e '-\\?icanon' -e '-\\?echo'",
  });
  expect(code).toBe(6);
  expect(shown.split(/\s+/).slice(-2)).toEqual(["icanon", "echo"]);
});

test.each([
  [["exec", "kafka-1", "--", "nosuch"], 127, "no-command", undefined],
  [["env", "--", "nosuch"], 127, "no-command", undefined],
  [["exec", "kafka", "--", "ls"], 2, "usage", "dp exec kafka-1"],
  [["exec", "kafak-1", "--", "ls"], 2, "usage", "did you mean kafka-1?"],
])("%j must end with exit %i", async (args, exit, code, next) => {
  const [command = "", ...rest] = args;
  const result = await shop.dp([command, "--json", ...rest]);
  expect(result.code).toBe(exit);
  expect(failureOf(result)).toMatchObject({ code, ...(next === undefined ? {} : { next }) });
});

test("env -- must run a command with the variables, and pass signals and its exit code on", async () => {
  const script = "trap 'exit 5' TERM; echo $KAFKA_BOOTSTRAP_SERVERS; while :; do sleep 0.05; done";
  const env = shop.start(["env", "--", "sh", "-c", script]);
  const [first] = await containersOf(shop.name);
  await env.output(`127.0.0.1:${first?.ports[0]?.hostPort}`);
  env.kill("SIGTERM");
  expect((await env.done).code).toBe(5);
});

test("stop must stop brokers before ZooKeeper, keep all, and say what can't be done meanwhile", async () => {
  const stopped = await shop.succeed(["stop", "--json"]);
  expect(JSON.parse(stopped.stdout)).toEqual({
    project: shop.name,
    stopped: ["kafka-1", "kafka-2", "zookeeper-1"],
  });
  const lives = await livesOf();
  const zookeeper = lives["zookeeper-1"]?.finishedAt ?? 0;
  expect(lives["kafka-1"]?.finishedAt).toBeLessThanOrEqual(zookeeper);
  expect(lives["kafka-2"]?.finishedAt).toBeLessThanOrEqual(zookeeper);
  expect(await listed()).toMatchObject({ state: "stopped", running: 0 });
  const exec = await shop.dp(["exec", "kafka-1", "--json", "--", "ls"]);
  expect(exec.code).toBe(1);
  expect(failureOf(exec)).toMatchObject({
    code: "not-running",
    why: expect.stringMatching(/^Exited/),
  });
  expect((await shop.succeed(["stop"])).stdout).toBe(`nothing of ${shop.name} was running\n`);
});

test("start must start the same containers, without the file, ZooKeeper first, and wait for them", async () => {
  const before = await containersOf(shop.name);
  await shop.succeed(["start", "--project", shop.name], { cwd: tmpdir() });
  const after = await containersOf(shop.name);
  expect(after.map(({ id, state }) => `${id} ${state}`)).toEqual(
    before.map(({ id }) => `${id} running`),
  );
  const lives = await livesOf();
  const zookeeper = lives["zookeeper-1"]?.startedAt ?? Number.NaN;
  expect(lives["kafka-1"]?.startedAt).toBeGreaterThan(zookeeper);
  expect(lives["kafka-2"]?.startedAt).toBeGreaterThan(zookeeper);
  await shop.succeed(["topic", "create", "after-start"]);
  expect((await shop.dp(["plan", "--exit-code"])).code).toBe(0);
});

test("restart kafka must restart broker after broker, and nothing else", async () => {
  const before = await identitiesOf(shop.name);
  const { stdout } = await shop.succeed(["restart", "kafka", "--json"]);
  expect(JSON.parse(stdout)).toMatchObject({ restarted: ["kafka-1", "kafka-2"] });
  const lives = await livesOf();
  expect(lives["kafka-2"]?.finishedAt).toBeGreaterThan(lives["kafka-1"]?.startedAt ?? Number.NaN);
  const zookeeper = `${shop.name}-zookeeper-1`;
  expect((await identitiesOf(shop.name))[zookeeper]).toBe(before[zookeeper]);
});
