import { createServer, type AddressInfo } from "node:net";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { execa } from "execa";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Diagnosis } from "../../src/app/diagnosis/diagnose.ts";
import type { Finding } from "../../src/app/diagnosis/finding.ts";
import { createArchive } from "../../src/docker/exec/archive.ts";
import { runInContainer } from "../../src/docker/exec/exec.ts";
import { readWithGroup } from "../../src/kafka/groups/read-with-group.ts";
import { addressOf } from "../../src/stack/ready-probe.ts";
import { containersOf, engineClient } from "../support/docker.ts";
import { createProject, type Project } from "../support/project.ts";
import { dpCommand, dpEnvironment, failureOf } from "../support/run-dp.ts";
import { until } from "../support/until.ts";

const planted = { variable: "s3cret-of-a-variable", literal: "s3cret-in-the-file" };
const yaml = `x-old: { password: ${planted.literal} }
kafka: { environment: { SHOP_TOKEN: "\${SHOP_TOKEN}" } }
topics:
  orders: { partitions: 2 }
  clean:
pipelines:
  tidy: { steps: { clean: { from: "topic:orders", to: "topic:clean" } } }
`;
let shop: Project;

beforeAll(async () => {
  shop = await createProject(yaml);
  await shop.write(".env", `SHOP_TOKEN=${planted.variable}\n`);
  await shop.succeed(["up"]);
});

afterAll(() => shop[Symbol.asyncDispose]());

test("wait must end with 0 once everything is healthy, or a service is", async () => {
  const { stdout } = await shop.succeed(["wait", "--json"]);
  expect(JSON.parse(stdout)).toMatchObject({ project: shop.name, met: true });
  await shop.succeed(["wait", "service", "kafka"]);
});

test("wait must last until a topic exists and holds the records", async () => {
  const waiting = shop.start(["wait", "topic", "late", "--count", "3", "--json"]);
  await shop.succeed(["topic", "create", "late"]);
  await shop.succeed(["topic", "produce", "late"], { input: "a\nb\nc\n" });
  const { code, stdout } = await waiting.done;
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    target: "topic late",
    detail: "holds at least 3 records",
  });
});

test("wait must judge the lag of a group by what it has committed: exit 10", async () => {
  const [broker] = await containersOf(shop.name);
  const bootstrap = (broker?.ports ?? []).map(addressOf);
  await readWithGroup({ bootstrap, topic: "late", group: "readers", count: 1, timeoutMs: 30_000 });
  await shop.succeed(["wait", "group", "readers", "--lag", "2"]);
  const words = ["wait", "group", "readers", "--lag", "1", "--timeout", "500ms", "--json"];
  const { code, stdout } = await shop.dp(words);
  expect(code).toBe(10);
  expect(JSON.parse(stdout)).toMatchObject({ met: false, detail: "is 2 records behind" });
});

test("wait must fail when nobody can tell: exit 1", async () => {
  await using project = await createProject("kafka:\n");
  const result = await project.dp(["wait", "topic", "orders", "--timeout", "300ms"]);
  expect(result.code).toBe(1);
  expect(result.stderr).toContain("no running broker");
});

test("a file that can't be written fails the command, and hides no result", async () => {
  const smoke = await shop.dp(["smoke", "--only", "brokers", "--junit", "/dev/full"]);
  expect(smoke.code).toBe(1);
  expect(smoke.stdout).toContain("passed");
  expect(smoke.stderr).toContain("can't write /dev/full");
  expect(smoke.stderr).toContain("ENOSPC");
  const [node, bin] = dpCommand;
  const line = `trap '' XFSZ; ulimit -f 1; "${node}" "${bin}" support cut.tar.gz; echo $?; ls cut.tar.gz`;
  const options = { cwd: shop.folder, env: dpEnvironment(), extendEnv: false, reject: false };
  const { stdout, stderr } = await execa("bash", ["-c", line], options);
  expect(stdout).toBe("1");
  expect(stderr).toContain("EFBIG");
});

test("health -q prints nothing, and health -q --json its document", async () => {
  expect(await shop.succeed(["health", "-q"])).toMatchObject({ stdout: "", stderr: "" });
  const { stdout } = await shop.succeed(["health", "-q", "--json"]);
  expect(JSON.parse(stdout)).toMatchObject({ healthy: true });
});

test.each([
  "status",
  "status --watch --interval 100ms",
  "health --json",
  "logs kafka",
  "logs kafka -f",
  "env",
  "topic tail late -o start -e",
  "topic tail late -o start",
  "exec kafka -- echo out",
  "exec kafka -- sh -c 'yes'",
])("dp %s exits with code 1 when its output can't be written", async (words) => {
  const [node, bin] = dpCommand;
  const line = `"${node}" "${bin}" ${words} > /dev/full`;
  const options = { cwd: shop.folder, env: dpEnvironment(), extendEnv: false, reject: false };
  const { exitCode, stderr } = await execa("bash", ["-c", line], options);
  expect(stderr).toContain("can't write to stdout");
  expect(exitCode).toBe(1);
});

test("status of a stack that does not exist shows nothing of the file in the folder", async () => {
  const result = await shop.dp(["status", "--project", `${shop.name}-x`, "--json"]);
  expect([result.code, result.stdout]).toEqual([1, ""]);
  expect(failureOf(result)).toMatchObject({ message: `stack "${shop.name}-x" not found` });
});

test("status --watch must print a table for each change into a pipe, and end with 130", async () => {
  const watching = shop.start(["status", "--watch", "--interval", "100ms"]);
  await watching.output("tidy");
  await shop.succeed(["topic", "create", "seen"]);
  await watching.output("seen");
  watching.kill("SIGINT");
  const { code, stdout, stderr } = await watching.done;
  expect(code).toBe(130);
  expect(stderr).toBe("");
  expect(stdout.match(/^SERVICE/gm)?.length).toBeGreaterThanOrEqual(2);
});

test("status --watch --json must print a document a line", async () => {
  const watching = shop.start(["status", "--watch", "--interval", "100ms", "--json"]);
  await watching.output("}\n{");
  watching.kill("SIGTERM");
  const { code, stdout } = await watching.done;
  expect(code).toBe(143);
  const [first = ""] = stdout.split("\n");
  expect(JSON.parse(first)).toMatchObject({
    project: shop.name,
    services: [{ service: "kafka-1", state: "running" }],
    pipelines: [{ pipeline: "tidy", schedule: null, lastRun: null, nextRun: null }],
  });
});

test("support must write one archive without any secret", async () => {
  const archive = join(shop.folder, "support.tar.gz");
  const { stdout } = await shop.succeed(["support", archive, "--json"]);
  const { entries } = JSON.parse(stdout) as { entries: { path: string }[] };
  expect(entries.map(({ path }) => path)).toEqual([
    "pipeline.yaml",
    "versions.json",
    "doctor.json",
    "doctor.txt",
    "plan.txt",
    "status.json",
    "health.json",
    "logs/kafka-1.log",
    "inspect/kafka-1.json",
    "brokers/kafka-1.properties",
  ]);
  const text = gunzipSync(await readFile(archive)).toString();
  expect(text).toContain("SHOP_TOKEN=***");
  expect(text).toContain('SHOP_TOKEN: "${SHOP_TOKEN}"');
  expect(text).toContain("password: ***");
  expect(text).toContain("advertised.listeners");
  for (const secret of Object.values(planted)) expect(text).not.toContain(secret);
  const again = await shop.dp(["support", archive]);
  expect(again.code).toBe(1);
  expect(again.stderr).toContain("there is such a file already");
});

test("doctor must name the program that holds a port of the file: exit 10", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  await using project = await createProject(`kafka: { port: ${port} }\n`);
  const { code, findings } = await diagnose(project, { DP_PORTS: undefined });
  server.close();
  expect(code).toBe(10);
  const ports = findings.find(({ check }) => check === "ports");
  expect(ports).toMatchObject({ verdict: "problem" });
  expect(ports?.evidence.join()).toContain(`(pid ${process.pid})`);
});

test("doctor must explain a listener that leads nowhere, and its mend must mend it: exit 10", async () => {
  const before = (await diagnose(shop)).findings.filter(isOfListeners);
  expect(before.map(({ check, verdict }) => [check, verdict])).toEqual([
    ["kafka-1 from here", "ok"],
    ["kafka-1 inside", "ok"],
  ]);
  await advertise({ external: "kafka-1:19092", internal: "localhost:9092" });
  let broken: Finding[] = [];
  await until(async () => {
    broken = (await diagnose(shop)).findings.filter(isOfListeners);
    return broken.every(({ detail }) => detail.includes("advertises"));
  }, 30_000);
  expect(broken[0]).toMatchObject({ verdict: "problem", mend: "dp up --recreate kafka-1" });
  expect(broken[0]?.detail).toContain("this machine does not know the name kafka-1");
  expect(broken[1]).toMatchObject({ verdict: "problem" });
  expect(broken[1]?.detail).toContain("there that is the container itself");
  expect((await shop.dp(["doctor"])).code).toBe(10);
  await shop.succeed(["up", "--recreate", "kafka-1"]);
  const after = (await diagnose(shop)).findings.filter(isOfListeners);
  expect(after.every(({ verdict }) => verdict === "ok")).toBe(true);
});

function isOfListeners({ check }: Finding): boolean {
  return check.startsWith("kafka-1 ");
}

async function diagnose(
  project: Project,
  env: Record<string, undefined> = {},
): Promise<Pick<Diagnosis, "findings"> & { readonly code: number | undefined }> {
  const { code, stdout } = await project.dp(["doctor", "--json"], { env });
  return { code, ...(JSON.parse(stdout) as Diagnosis) };
}

/** Makes the broker tell its clients other addresses, as a broken configuration would. */
async function advertise(wanted: { readonly external: string; readonly internal: string }) {
  const [broker] = await containersOf(shop.name);
  const container = (await engineClient()).getContainer(broker?.id ?? "");
  const { external, internal } = wanted;
  const path = "/etc/dp/server.properties";
  const signal = new AbortController().signal;
  const reading = { container, command: ["cat", path], timeoutMs: 10_000, signal };
  const content = (await runInContainer(reading)).stdout.replace(
    /^advertised\.listeners=.*$/m,
    `advertised.listeners=INTERNAL://${internal},EXTERNAL://${external}`,
  );
  await container.putArchive(await createArchive({ entries: [{ path, content }] }), { path: "/" });
  await container.restart({ t: 5 });
}
