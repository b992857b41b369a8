import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { readWithGroup } from "../../src/kafka/groups/read-with-group.ts";
import type { Snapshot } from "../support/leaks.ts";
import { createProject, type Project } from "../support/project.ts";
import { failureOf } from "../support/run-dp.ts";
import { runOnTerminal } from "../support/terminal.ts";

let shop: Project;
let clean: Snapshot;

beforeAll(async () => {
  shop = await createProject("kafka:\ntopics:\n  orders: { partitions: 2 }\n");
  await shop.succeed(["up"]);
  clean = await shop.snapshot();
  const input = Array.from({ length: 10 }, (_, index) => `v${index}\n`).join("");
  await shop.succeed(["topic", "produce", "orders", "-p", "0"], { input });
});

afterEach(async () => {
  expect(await shop.snapshot()).toEqual(clean);
});

afterAll(() => shop[Symbol.asyncDispose]());

interface Described {
  readonly group: string;
  readonly state: string;
  readonly lag: number;
  readonly partitions: readonly { readonly committed: number | null; readonly lag: number }[];
}

async function describeGroup(name: string): Promise<Described> {
  const { stdout } = await shop.succeed(["group", "describe", name, "--json"]);
  const [group] = (JSON.parse(stdout) as { groups: Described[] }).groups;
  if (group === undefined) throw new Error(stdout);
  return group;
}

async function listedGroups(): Promise<string[]> {
  const { stdout } = await shop.succeed(["group", "list", "--json"]);
  return (JSON.parse(stdout) as { groups: { group: string }[] }).groups.map(({ group }) => group);
}

test("what a consumer left must be listed and described with its lag", async () => {
  const { stdout: env } = await shop.succeed(["env", "--json"]);
  const servers = (JSON.parse(env) as { KAFKA_BOOTSTRAP_SERVERS: string }).KAFKA_BOOTSTRAP_SERVERS;
  const [host = "", port] = servers.split(":");
  const bootstrap = [{ host, port: Number(port) }];
  await readWithGroup({ bootstrap, topic: "orders", group: "read", count: 4, timeoutMs: 30_000 });
  const { stdout } = await shop.succeed(["group", "list"]);
  expect(stdout).toMatch(/^GROUP +STATE +MEMBERS +LAG +TOPICS\n(.*\n)*read +Empty +0 +6 +orders\n/);
  const described = await shop.succeed(["group", "describe", "read"]);
  const [head, columns, first] = described.stdout.split("\n");
  expect(head).toMatch(/^read: Empty, .*, 6 records behind, the oldest \d+ s old$/);
  expect(columns).toMatch(/^TOPIC +PARTITION +CURRENT-OFFSET +LOG-END-OFFSET +LAG +BEHIND$/);
  expect(first).toMatch(/^orders +0 +4 +10 +6 +\d+ s$/);
});

test("reset must preview and not set without a terminal, and set with -y: exit 2, 0", async () => {
  const words = ["group", "reset", "made", "--topic", "orders", "-o", "3"];
  const refused = await shop.dp([...words, "--json"]);
  expect(refused.code).toBe(2);
  expect(failureOf(refused).next).toBe("dp group reset made --topic orders -o 3 -y");
  expect(JSON.parse(refused.stdout)).toMatchObject({
    group: "made",
    created: true,
    applied: false,
  });
  expect(await listedGroups()).not.toContain("made");
  const set = await shop.succeed([...words, "-y", "--json"]);
  expect(JSON.parse(set.stdout)).toMatchObject({
    applied: true,
    partitions: [
      { topic: "orders", partition: 0, committed: null, offset: 3, clampedFrom: null },
      { topic: "orders", partition: 1, committed: null, offset: 0, clampedFrom: 3 },
    ],
  });
  expect(await describeGroup("made")).toMatchObject({ state: "Empty", lag: 7 });
  const again = ["group", "reset", "made", "-p", "0", "--shift", "-2"];
  expect((await shop.succeed([...again, "--dry-run"])).stdout).toMatch(/ 3 +1 +repeats 2\n$/);
  expect(await describeGroup("made")).toMatchObject({ lag: 7 });
});

test.each([
  [["-o", "3", "--shift", "1"], "can't be used together"],
  [["--shift", "0"], "number of records to shift by"],
])("reset with %j must be wrong usage: exit 2", async (words, message) => {
  const result = await shop.dp(["group", "reset", "made", ...words, "-y", "--json"]);
  expect(result.code).toBe(2);
  expect(failureOf(result).message).toContain(message);
});

test.each([
  ["y", 0, 0],
  ["n", 1, 10],
] as const)("reset must ask on a terminal: %j gives exit %i", async (answer, code, lag) => {
  await shop.succeed(["group", "reset", "asked", "--topic", "orders", "-o", "start", "-y"]);
  const result = await runOnTerminal({
    args: ["group", "reset", "asked", "-o", "end"],
    cwd: shop.folder,
    typing: [["skips 10 records?", answer]],
  });
  expect(result.code).toBe(code);
  expect(await describeGroup("asked")).toMatchObject({ lag });
});

test("delete must refuse without consent and name the nearest of an unknown group: exit 2, 1, 0", async () => {
  await shop.succeed(["group", "reset", "billing", "--topic", "orders", "-o", "end", "-y"]);
  const refused = await shop.dp(["group", "delete", "billing", "--json"]);
  expect(refused.code).toBe(2);
  expect(failureOf(refused).next).toBe("dp group delete billing -y");
  const unknown = await shop.dp(["group", "delete", "billing", "biling", "-y", "--json"]);
  expect(unknown.code).toBe(1);
  expect(failureOf(unknown)).toMatchObject({
    code: "unknown-group",
    next: 'did you mean "billing"?',
  });
  expect(await listedGroups()).toContain("billing");
  const deleted = await shop.succeed(["group", "delete", "billing", "-y", "--json"]);
  expect(JSON.parse(deleted.stdout)).toEqual({
    deleted: [{ group: "billing", partitions: null }],
    failed: [],
  });
  expect(await listedGroups()).not.toContain("billing");
});
