import { tmpdir } from "node:os";
import { afterAll, beforeAll, expect, test } from "vitest";
import { formatLabels } from "../../src/docker/stack/labels.ts";
import { takeLock } from "../../src/app/stack/lock.ts";
import { failureOf, runDp, type DpResult } from "../support/run-dp.ts";
import { startSecondEngine, type SecondEngine } from "../support/second-engine.ts";
import { runOnTerminal } from "../support/terminal.ts";

// On the machine's own engine it would remove the stacks of whoever runs the tests.
let second: SecondEngine;

beforeAll(async () => {
  second = await startSecondEngine();
  const client = await (await second.connect()).client();
  const object = { service: "db", kind: "postgres", fingerprint: "", parts: {} } as const;
  for (const project of ["shop", "till"]) {
    const stack = { project, file: `/${project}/pipeline.yaml`, host: "elsewhere", version: "0" };
    await client.createVolume({
      Name: `${project}-db-data`,
      Labels: formatLabels(stack, object),
    });
  }
  await client.createVolume({ Name: "shop-somebody-elses" });
});

afterAll(() => second[Symbol.asyncDispose]());

function dp(...args: string[]): Promise<DpResult> {
  return runDp({ args, cwd: second.folder, env: { DOCKER_HOST: second.host } });
}

async function volumes(): Promise<string[]> {
  const client = await (await second.connect()).client();
  const { Volumes: found } = await client.listVolumes();
  return found.map(({ Name: name }) => name).toSorted();
}

const all = ["shop-db-data", "shop-somebody-elses", "till-db-data"];

test("ls must tell stacks of which only data is left, and the host of their files", async () => {
  const { stdout } = await dp("ls");
  expect(stdout).toMatch(/^shop +only data +- +1 +\d+ s +elsewhere:\/shop\/pipeline.yaml$/m);
});

test("down --all must not ask without a terminal but refuse: exit 2", async () => {
  const result = await dp("down", "--all", "-v", "--json");
  expect(result.code).toBe(2);
  expect(failureOf(result)).toMatchObject({
    message: "removing 2 stacks with all data needs consent",
    next: "dp down --all -v --json -y",
  });
  expect(await volumes()).toEqual(all);
});

test.each([
  ["down", "--older-than", "1h"],
  ["down", "--all", "--project", "shop"],
])("dp %s %s %s must be wrong usage: exit 2", async (...args) => {
  const words = args.filter((word) => typeof word === "string");
  expect((await dp(...words, "--json")).code).toBe(2);
  expect(await volumes()).toEqual(all);
});

test("--older-than must leave what is younger", async () => {
  const { code, stdout } = await dp("down", "--all", "--older-than", "1d", "-v", "-y", "--json");
  expect({ code, ...JSON.parse(stdout) }).toEqual({ code: 0, stacks: [], failed: [] });
  expect(await volumes()).toEqual(all);
});

test("down --all must show on a terminal what goes, and keep it when the answer is no: exit 1", async () => {
  const { code, shown } = await runOnTerminal({
    args: ["down", "--all", "-v"],
    cwd: second.folder,
    env: { DOCKER_HOST: second.host },
    typing: [["till: 0 containers, 1 volume", "n"]],
  });
  expect(code).toBe(1);
  expect(shown).toContain("Remove 2 stacks with all data?");
  expect(await volumes()).toEqual(all);
});

test("a stack that another dp changes must stay and be told, and the others go: exit 1", async () => {
  const engine = await second.connect();
  const release = await takeLock({
    tmpdir: tmpdir(),
    uid: process.getuid?.() ?? 0,
    engineId: await engine.id(),
    project: "shop",
    pid: process.pid,
    command: "dp up",
  });
  try {
    const { code, stdout } = await dp("down", "--all", "--volumes", "--yes", "--json");
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      stacks: [{ project: "till", volumes: ["till-db-data"] }],
      failed: [{ project: "shop", error: { code: "locked", why: `pid ${process.pid}: dp up` } }],
    });
  } finally {
    await release();
  }
  expect(await volumes()).toEqual(["shop-db-data", "shop-somebody-elses"]);
  expect((await dp("down", "--all", "-v", "-y")).stdout).toBe("✓ removed shop-db-data\n");
  expect(await volumes()).toEqual(["shop-somebody-elses"]);
});
