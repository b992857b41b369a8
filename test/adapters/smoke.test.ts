import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openSmokeCluster } from "../../src/app/checks/smoke-cluster.ts";
import { runInContainer } from "../../src/docker/exec/exec.ts";
import { observeStack } from "../../src/docker/stack/observe.ts";
import { proveDataPath } from "../../src/smoke/data-path.ts";
import type { SmokeDocument } from "../../src/smoke/model.ts";
import { engineClient } from "../support/docker.ts";
import { openEngine } from "../support/engine.ts";
import { createProject, type Project } from "../support/project.ts";
import type { DpResult } from "../support/run-dp.ts";
import { until } from "../support/until.ts";

function documentOf({ stdout }: DpResult): SmokeDocument {
  return JSON.parse(stdout) as SmokeDocument;
}

/** Check → `verdict: evidence`. */
function verdictsOf(result: DpResult): Record<string, string> {
  const { checks } = documentOf(result);
  return Object.fromEntries(
    checks.map(({ name, verdict, evidence }) => [name, `${verdict}: ${evidence}`]),
  );
}

async function topicsOf(project: Project): Promise<string[]> {
  const { stdout } = await project.succeed(["topic", "list", "--json"]);
  return (JSON.parse(stdout) as { topics: { name: string }[] }).topics.map(({ name }) => name);
}

async function groupsOf(project: Project): Promise<string> {
  const command = "kafka-consumer-groups.sh --bootstrap-server kafka-1:9092 --list";
  const shell = ["exec", `${project.name}-kafka-1`, "sh", "-c", `/opt/kafka/bin/${command}`];
  return (await execa("docker", shell)).stdout;
}

/** What a stack of Kafka alone can't be asked. */
const notThere = [
  ["airflow", "the stack has no Airflow"],
  ["stores", "the stack has no stores"],
  ["services", "the stack has no services"],
].map(([name, evidence]) => ({ name, verdict: "not-applicable", evidence, durationMs: 0 }));

describe("three brokers with ZooKeeper", () => {
  let project: Project;
  const container = (service: string) => `${project.name}-${service}`;

  beforeAll(async () => {
    project = await createProject("zookeeper:\nkafka: { brokers: 3 }\ntopics: [orders]\n");
    await project.succeed(["up"]);
  });

  afterAll(() => project?.[Symbol.asyncDispose]());

  test("every check must pass with evidence, and nothing be left behind", async () => {
    const file = join(project.folder, "smoke.xml");
    const result = await project.succeed(["smoke", "--json", "--junit", file]);
    const { project: name, ok, checks } = documentOf(result);
    expect({ name, ok }).toEqual({ name: project.name, ok: true });
    expect(checks.filter(({ verdict }) => verdict !== "passed")).toEqual([
      {
        name: "quorum",
        verdict: "not-applicable",
        evidence: "the brokers run with ZooKeeper",
        durationMs: 0,
      },
      ...notThere,
    ]);
    const evidence = verdictsOf(result);
    expect(evidence["brokers"]).toMatch(/^passed: 3 of 3 brokers took and returned 10 records/);
    expect(evidence["inside"]).toMatch(/^passed: 15 records by Java's clients from kafka-\d/);
    expect(evidence["order"]).toBe(
      "passed: 1000 records on 3 partitions, in order, 0 lost, 0 doubled",
    );
    expect(evidence["acks"]).toBe("passed: acks 0: 102 of 102, 1: 102 of 102, all: 102 of 102");
    expect(evidence["codecs"]).toMatch(/stored as asked: none \d+ B, gzip \d+ B$/);
    expect(evidence["topics"]).toMatch(/^passed: seen by 3 of 3 brokers/);
    expect(evidence["zookeeper"]).toMatch(/^passed: brokers 1, 2, 3 of 1, 2, 3 listed, controller/);
    expect(await readFile(file, "utf8")).toMatch(/tests="13" failures="0" errors="0" skipped="4"/);
    expect(await topicsOf(project)).toEqual(["orders"]);
    expect(await groupsOf(project)).not.toContain("dp.smoke");
  });

  test("--only, --skip and --records must be obeyed, a table be printed", async () => {
    const args = ["smoke", "--only", "order,topics", "--skip", "topics", "--records", "20000"];
    const { stdout, stderr } = await project.succeed(args);
    expect(stdout).toMatch(
      /^CHECK +VERDICT +TIME +EVIDENCE\norder +passed +[\d.]+ m?s +20000 records/,
    );
    expect(stdout.trimEnd().split("\n")).toHaveLength(2);
    expect(stderr).toContain("order");
    expect((await project.dp(["smoke", "--only", "odrer"])).code).toBe(2);
  });

  test("Ctrl-C must remove what the run made: exit 130", async () => {
    const running = project.start(["smoke", "-q"]);
    await until(async () => (await topicsOf(project)).some((name) => name.startsWith("dp.smoke.")));
    running.kill("SIGINT");
    const { code, stderr } = await running.done;
    expect({ code, stderr }).toEqual({ code: 130, stderr: "error: interrupted\n" });
    expect(await topicsOf(project)).toEqual(["orders"]);
    expect(await groupsOf(project)).not.toContain("dp.smoke");
  });

  test("what a killed run left must be removed, what a run under way has made must stay", async () => {
    const nameAt = (ms: number) => `dp.smoke.${Math.ceil(ms / 1000).toString(36)}.0a1b2c3d.canary`;
    const running = nameAt(Date.now() + 600_000);
    await project.succeed(["topic", "create", running]);
    await project.succeed(["topic", "create", nameAt(Date.now() - 5000)]);
    await project.succeed(["smoke", "--only", "topics"]);
    expect(await topicsOf(project)).toEqual([running, "orders"]);
    await project.succeed(["topic", "delete", running, "-y"]);
  });

  test("a stopped broker must be named while the others prove themselves: exit 10", async () => {
    await execa("docker", ["stop", container("kafka-3")]);
    const result = await project.dp(["smoke", "--json"]);
    expect(result.code).toBe(10);
    const { brokers, ...others } = verdictsOf(result);
    expect(brokers).toBe("failed: kafka-3 is exited");
    expect(others["zookeeper"]).toMatch(/^passed: brokers 1, 2 of 1, 2 listed/);
    expect(others["topics"]).toMatch(/^passed: seen by 2 of 2 brokers/);
    expect(others["order"]).toMatch(/^passed/);
  });

  test("without a running broker nothing can be found out: exit 1", async () => {
    await execa("docker", ["kill", container("kafka-1"), container("kafka-2")]);
    const { code, stdout, stderr } = await project.dp(["smoke"]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toContain("dp up");
  });
});

async function brokerOf(project: Project) {
  return (await engineClient()).getContainer(`${project.name}-kafka-1`);
}

describe("one KRaft node", () => {
  let project: Project;

  beforeAll(async () => {
    project = await createProject("kafka:\n");
    await project.succeed(["up"]);
  });

  afterAll(() => project?.[Symbol.asyncDispose]());

  test("every check must pass, ZooKeeper being not applicable", async () => {
    const result = await project.succeed(["smoke", "--json"]);
    const { ok, checks } = documentOf(result);
    expect(ok).toBe(true);
    const others = checks.filter(({ verdict }) => verdict !== "passed");
    expect(others.map(({ name }) => name)).toEqual(["zookeeper", "airflow", "stores", "services"]);
    expect(verdictsOf(result)["quorum"]).toBe("passed: leader 1, voters 1 of 1");
    expect(await topicsOf(project)).toEqual([]);
  });

  test("checks of which none is applicable must prove nothing: exit 1", async () => {
    const result = await project.dp(["smoke", "--json", "--only", "zookeeper"]);
    expect(result.code).toBe(1);
    expect(documentOf(result).ok).toBe(false);
    expect(verdictsOf(result)["zookeeper"]).toMatch(/^not-applicable: /);
  });

  test("the data path alone must be proved, and nothing be left behind", async () => {
    const engine = await openEngine();
    const observed = await observeStack(engine, project.name);
    const opened = openSmokeCluster({ name: project.name, file: undefined, engine, observed });
    try {
      expect(await proveDataPath(opened.cluster, AbortSignal.timeout(20_000))).toEqual({
        verdict: "passed",
        evidence: "1 of 1 brokers took a record with acks=all and returned it",
      });
    } finally {
      opened.close();
    }
    expect(await topicsOf(project)).toEqual([]);
  });

  test("a check that takes too long must fail: exit 10", async () => {
    const result = await project.dp(["smoke", "--json", "--only", "inside", "--timeout", "300ms"]);
    expect(result.code).toBe(10);
    expect(verdictsOf(result)).toEqual({ inside: "failed: no verdict within 300 ms" });
    expect(await topicsOf(project)).toEqual([]);
    expect(await groupsOf(project)).not.toContain("dp.smoke");
  });

  test("a command in a container must give its output, its errors and its exit code", async () => {
    const container = await brokerOf(project);
    const command = ["sh", "-c", "echo out; echo err >&2; exit 3"];
    const { signal } = new AbortController();
    const result = await runInContainer({ container, command, timeoutMs: 10_000, signal });
    expect(result).toEqual({ exitCode: 3, stdout: "out\n", stderr: "err\n" });
  });

  test("a command in a container must not be waited for longer than wanted", async () => {
    const container = await brokerOf(project);
    const command = ["sleep", "3"];
    const { signal } = new AbortController();
    await expect(
      runInContainer({ container, command, timeoutMs: 300, signal }),
    ).rejects.toMatchObject({ code: "engine-failed", why: "it did not end within 300 ms" });
    const interrupt = AbortSignal.timeout(300);
    await expect(
      runInContainer({ container, command, timeoutMs: 10_000, signal: interrupt }),
    ).rejects.toMatchObject({ name: "TimeoutError" });
  });
});
