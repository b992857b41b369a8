import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { Snapshot } from "../support/leaks.ts";
import { createProject, type Project } from "../support/project.ts";
import { failureOf } from "../support/run-dp.ts";
import { runOnTerminal } from "../support/terminal.ts";

let shop: Project;
let clean: Snapshot;

beforeAll(async () => {
  shop = await createProject(
    "zookeeper:\nkafka: { brokers: 3 }\ntopics:\n  orders: { partitions: 3 }\n",
  );
  await shop.succeed(["up"]);
  clean = await shop.snapshot();
});

afterEach(async () => {
  expect(await shop.snapshot()).toEqual(clean);
});

afterAll(() => shop[Symbol.asyncDispose]());

interface Described {
  readonly name: string;
  readonly replication: number;
  readonly offsets: number;
  readonly bytes: number;
  readonly partitions: readonly {
    readonly partition: number;
    readonly leader: number;
    readonly replicas: readonly number[];
    readonly isr: readonly number[];
    readonly logStart: number;
    readonly end: number;
    readonly bytes: number;
  }[];
  readonly config: Readonly<Record<string, string>>;
}

async function describeTopic(name: string): Promise<Described> {
  const { stdout } = await shop.succeed(["topic", "describe", name, "--json"]);
  const [topic] = (JSON.parse(stdout) as { topics: Described[] }).topics;
  if (topic === undefined) throw new Error(stdout);
  return topic;
}

async function listedTopics(...args: string[]): Promise<string[]> {
  const { stdout } = await shop.succeed(["topic", "list", "--json", ...args]);
  return (JSON.parse(stdout) as { topics: { name: string }[] }).topics.map(({ name }) => name);
}

test("a topic must be created with its partitions, replicas and config, with units", async () => {
  const args = ["-p", "4", "-r", "2", "-c", "retention.ms=1d", "-c", "segment.bytes=64m"];
  const { stdout } = await shop.succeed(["topic", "create", "sized", ...args]);
  expect(stdout).toBe("created topic sized\n");
  const topic = await describeTopic("sized");
  expect(topic.replication).toBe(2);
  expect(topic.partitions.map(({ partition }) => partition)).toEqual([0, 1, 2, 3]);
  expect(topic.partitions.every(({ isr }) => isr.length === 2)).toBe(true);
  expect(topic.config).toEqual({ "retention.ms": "86400000", "segment.bytes": "67108864" });
});

test("a topic must get the brokers' own partitions and replicas when none are given", async () => {
  const { stdout } = await shop.succeed(["topic", "create", "plain", "--json"]);
  expect(JSON.parse(stdout)).toEqual({
    dryRun: false,
    topics: [{ topic: "plain", created: true, differences: [] }],
  });
  const { replication, partitions, config } = await describeTopic("plain");
  expect({ replication, partitions: partitions.length, config }).toEqual({
    replication: 3,
    partitions: 1,
    config: {},
  });
});

test("a topic that exists must be an error, unless --if-not-exists says otherwise: exit 1, 0", async () => {
  const again = await shop.dp(["topic", "create", "orders", "--json"]);
  expect(again.code).toBe(1);
  expect(failureOf(again).message).toBe('topic "orders" exists already');
  expect(failureOf(again).next).toContain("--if-not-exists");
  const tolerant = await shop.succeed(["topic", "create", "orders", "-p", "9", "--if-not-exists"]);
  expect(tolerant.stdout).toBe("topic orders exists already\n");
  expect(tolerant.stderr).toContain("orders is not as asked for: partitions 3 → 9");
  expect((await describeTopic("orders")).partitions).toHaveLength(3);
});

test.each([
  [["-r", "9"], "Replication factor: 9 larger than available brokers: 3", "dp status shows them"],
  [["-c", "retention.msx=1"], "Unknown topic config name: retention.msx", '"retention.ms"?'],
])("what the brokers refuse must be told in their words: %j, exit 1", async (args, words, next) => {
  const result = await shop.dp(["topic", "create", "refused", ...args, "--json"]);
  expect(result.code).toBe(1);
  expect(failureOf(result).why).toContain(words);
  expect(failureOf(result).next).toContain(next);
  expect(await listedTopics()).not.toContain("refused");
});

test("several topics must be created at once, those that can't be named, and none by a dry run: exit 1", async () => {
  const args = ["topic", "create", "first", "a/b", "second", "-r", "1"];
  const dry = await shop.dp([...args, "--dry-run"]);
  expect(dry.code).toBe(1);
  expect(dry.stdout).toBe("would create topic first\nwould create topic second\n");
  expect(await listedTopics()).not.toContain("first");
  const result = await shop.dp(args);
  expect(result.code).toBe(1);
  expect(result.stdout).toBe("created topic first\ncreated topic second\n");
  expect(result.stderr).toContain('topic "a/b" was not created');
});

test.each([
  ["-p", "0"],
  ["-c", "retention.ms"],
  ["-c", "retention.ms=soon"],
  ["--partition", "1"],
])("%s %s must be wrong usage: exit 2", async (...args) => {
  const result = await shop.dp(["topic", "create", "wrong", ...args]);
  expect(result.code).toBe(2);
  expect(await listedTopics()).not.toContain("wrong");
});

test("list must name the topics by name, and Kafka's own ones only when asked", async () => {
  await shop.succeed(["topic", "create", "a-first", "-p", "2", "-r", "1"]);
  const lines = (await shop.succeed(["topic", "list"])).stdout.split("\n");
  expect(lines[0]).toMatch(/^NAME +PARTITIONS +REPLICATION +STATE$/);
  expect(lines[1]).toMatch(/^a-first +2 +1 +ok$/);
  expect(lines).toContainEqual(expect.stringMatching(/^orders +3 +3 +ok$/));
  expect(await listedTopics()).not.toContain("__consumer_offsets");
  expect(await listedTopics("-a")).toContain("__consumer_offsets");
  const long = (await shop.succeed(["topic", "list", "-l", "-i"])).stdout.split("\n");
  expect(long[0]).toMatch(/^NAME +PARTITIONS +REPLICATION +OFFSETS +SIZE +STATE$/);
  expect(long).toContainEqual(expect.stringMatching(/^a-first +2 +1 +0 +0 B +ok$/));
  expect(long).toContainEqual(expect.stringMatching(/^__consumer_offsets /));
});

test("describe must tell leaders, replicas, offsets and sizes: readable as text, raw as JSON", async () => {
  await shop.succeed(["topic", "create", "one", "-r", "1", "-c", "cleanup.policy=compact"]);
  await shop.succeed(["topic", "produce", "one", "-k", "k"], { input: "x\n".repeat(1500) });
  const { offsets, bytes, partitions } = await describeTopic("one");
  const [only] = partitions;
  expect(partitions).toHaveLength(1);
  expect(only).toMatchObject({ partition: 0, logStart: 0, end: 1500, isr: only?.replicas });
  expect([1, 2, 3]).toContain(only?.leader);
  expect(offsets).toBe(1500);
  expect(bytes).toBeGreaterThan(10_000);
  expect(only?.bytes).toBe(bytes);
  const { stdout } = await shop.succeed(["topic", "describe", "one", "orders"]);
  const size = `${Math.round(bytes / 1000)} kB`;
  const [head, columns, row, blank, second] = stdout.split("\n");
  expect(head).toBe(`one: 1 partition, 1 replica, 1500 offsets, ${size}, cleanup.policy=compact`);
  expect(columns).toMatch(/^PARTITION +LEADER +REPLICAS +ISR +START +END +SIZE +STATE$/);
  expect(row).toMatch(new RegExp(`^ +0 +[123] +[123] +[123] +0 +1500 +${size} +ok$`));
  expect(blank).toBe("");
  expect(second).toBe("orders: 3 partitions, 3 replicas, 0 offsets, 0 B");
});

test("alter must say what was and what is, and change nothing of what it refuses: exit 0, 1, 2", async () => {
  await shop.succeed(["topic", "create", "kept", "-r", "1", "-c", "retention.ms=1d"]);
  const edits = ["--set", "max.message.bytes=2m", "--delete", "retention.ms", "-p", "2"];
  const { stdout } = await shop.succeed(["topic", "alter", "kept", ...edits]);
  expect(stdout.split("\n")).toEqual([
    "changed topic kept",
    "  max.message.bytes 1048588 → 2097152",
    "  retention.ms 86400000 → 604800000",
    "  partitions 1 → 2",
    "",
  ]);
  const unknown = await shop.dp(["topic", "alter", "kept", "--set", "retenton.ms=1d", "--json"]);
  expect(unknown.code).toBe(1);
  expect(failureOf(unknown).next).toBe('did you mean "retention.ms"?');
  expect((await shop.dp(["topic", "alter", "kept"])).code).toBe(2);
  const { partitions, config } = await describeTopic("kept");
  expect({ partitions: partitions.length, config }).toEqual({
    partitions: 2,
    config: { "max.message.bytes": "2097152" },
  });
});

test("trim must show what goes, ask, and refuse without a terminal: exit 0, 2", async () => {
  await shop.succeed(["topic", "create", "long", "-r", "1"]);
  await shop.succeed(["topic", "produce", "long"], { input: "x\n".repeat(30) });
  const dry = await shop.succeed(["topic", "trim", "long", "-o", "-10", "--dry-run"]);
  expect(dry.stdout.split("\n")).toEqual([
    "would delete 20 offsets of topic long",
    expect.stringMatching(/^PARTITION +OFFSETS +START +END$/),
    expect.stringMatching(/^ +0 +20 +20 +30$/),
    "",
  ]);
  const refused = await shop.dp(["topic", "trim", "long", "-o", "-10", "--json"]);
  expect(refused.code).toBe(2);
  expect(failureOf(refused).next).toBe("dp topic trim long -o -10 -y");
  const asked = await runOnTerminal({
    args: ["topic", "trim", "long", "-o", "-10"],
    cwd: shop.folder,
    typing: [["Delete up to 20 records of long?", "y"]],
  });
  expect(asked.code).toBe(0);
  expect((await describeTopic("long")).partitions).toMatchObject([{ logStart: 20, end: 30 }]);
});

test("delete must not ask without a terminal but refuse, and delete with -y: exit 2, 0", async () => {
  await shop.succeed(["topic", "create", "old-1"]);
  await shop.succeed(["topic", "create", "old-2"]);
  const refused = await shop.dp(["topic", "delete", "old-1", "old-2", "--json"]);
  expect(refused.code).toBe(2);
  expect(failureOf(refused).next).toBe("dp topic delete old-1 old-2 -y");
  expect(await listedTopics()).toEqual(expect.arrayContaining(["old-1", "old-2"]));
  const deleted = await shop.succeed(["topic", "delete", "old-1", "old-2", "-y", "--json"]);
  expect(JSON.parse(deleted.stdout)).toEqual({ deleted: ["old-1", "old-2"] });
  const left = await listedTopics();
  expect(left).not.toContain("old-1");
  expect(left).not.toContain("old-2");
});

test("delete of an unknown topic must name the nearest and delete none of the others: exit 1", async () => {
  const result = await shop.dp(["topic", "delete", "orders", "ordres", "-y", "--json"]);
  expect(result.code).toBe(1);
  expect(failureOf(result)).toMatchObject({
    code: "unknown-topic",
    next: 'did you mean "orders"?',
  });
  expect(await listedTopics()).toContain("orders");
});

test.each([
  ["y", 0, false],
  ["n", 1, true],
  ["\u0003", 130, true],
] as const)("delete must ask on a terminal: %j gives exit %i", async (answer, code, kept) => {
  await shop.dp(["topic", "create", "asked", "--if-not-exists"]);
  const result = await runOnTerminal({
    args: ["topic", "delete", "asked"],
    cwd: shop.folder,
    typing: [["Delete asked with all records?", answer]],
  });
  expect(result.code).toBe(code);
  expect((await listedTopics()).includes("asked")).toBe(kept);
});
