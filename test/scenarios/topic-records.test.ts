import { execa } from "execa";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { Snapshot } from "../support/leaks.ts";
import { createProject, type Project } from "../support/project.ts";
import { dpCommand, dpEnvironment, failureOf } from "../support/run-dp.ts";

let shop: Project;
let clean: Snapshot;

/** `numbers` holds 1 to 30, a second apart, in turn over three partitions. */
beforeAll(async () => {
  shop = await createProject(
    "zookeeper:\nkafka: { brokers: 3 }\ntopics:\n  numbers: { partitions: 3 }\n  words: { partitions: 2 }\n",
  );
  await shop.succeed(["up"]);
  const lines = Array.from({ length: 30 }, (_, index) =>
    JSON.stringify({ value: String(index + 1), timestamp: firstTime + index * 1000 }),
  );
  await shop.succeed(["topic", "produce", "numbers", "--json"], { input: lines.join("\n") });
  clean = await shop.snapshot();
});

const firstTime = Date.parse("2026-11-22T10:00:00Z");

afterEach(async () => {
  expect(await shop.snapshot()).toEqual(clean);
});

afterAll(() => shop[Symbol.asyncDispose]());

let topics = 0;

async function newTopic(...args: string[]): Promise<string> {
  const name = `t-${++topics}`;
  await shop.succeed(["topic", "create", name, "-r", "3", ...args]);
  return name;
}

async function produce(topic: string, input: string, ...args: string[]): Promise<void> {
  await shop.succeed(["topic", "produce", topic, ...args], { input });
}

/** What tail prints for each record. */
async function linesOf(...args: string[]): Promise<string[]> {
  const { stdout } = await shop.succeed(["topic", "tail", ...args]);
  return stdout === "" ? [] : stdout.replace(/\n$/, "").split("\n");
}

interface Line {
  readonly partition: number;
  readonly offset: number;
  readonly timestamp: number;
  readonly key: unknown;
  readonly value: unknown;
  readonly headers: unknown;
}

async function recordsOf(topic: string, ...args: string[]): Promise<Line[]> {
  const lines = await linesOf(topic, "-o", "start", "-e", "--json", ...args);
  return lines.map((line) => JSON.parse(line) as Line);
}

const values = ["--format", "%v\\n"];
const numbers = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, index) => String(from + index));
const sorted = (texts: readonly string[]): string[] =>
  texts.toSorted((a, b) => Number(a) - Number(b));

test.each(["0", "1", "all"])("each line must become a record with acks %s", async (acks) => {
  const topic = await newTopic("-p", "1");
  const result = await shop.succeed(["topic", "produce", topic, "--acks", acks, "--json"], {
    input: ["a", "", "c"].map((value) => JSON.stringify({ value })).join("\n"),
  });
  expect(JSON.parse(result.stdout)).toMatchObject({ topic, records: 3, failed: 0, failure: null });
  // With acks 0 nobody says when the records are there.
  await expect.poll(() => linesOf(topic, "-o", "start", "-e", ...values)).toEqual(["a", "", "c"]);
});

test("key, headers, partition and codec must be those of every record", async () => {
  const topic = await newTopic("-p", "3");
  const options = ["-k", "eu", "-H", "a=1", "-H", "a=x=y", "-p", "2", "-z", "gzip"];
  await produce(topic, "one\ntwo", ...options);
  const headers = [
    { key: "a", value: "1" },
    { key: "a", value: "x=y" },
  ];
  expect(await recordsOf(topic)).toMatchObject([
    { partition: 2, offset: 0, key: "eu", value: "one", headers },
    { partition: 2, offset: 1, key: "eu", value: "two", headers },
  ]);
});

test("records must be read from a file, and a file that is not there must be told: exit 1", async () => {
  const topic = await newTopic("-p", "1");
  await shop.write("lines.txt", "first\nsecond\n");
  const { stdout } = await shop.succeed(["topic", "produce", topic, "lines.txt"]);
  expect(stdout).toMatch(new RegExp(`^wrote 2 records \\(11 B\\) to ${topic} in `));
  expect(await linesOf(topic, "-o", "start", "-e", ...values)).toEqual(["first", "second"]);
  const missing = await shop.dp(["topic", "produce", topic, "lines.tx", "--json"]);
  expect(missing.code).toBe(1);
  expect(failureOf(missing)).toMatchObject({ code: "io-failed", message: "can't read lines.tx" });
});

test("what tail --json writes must come back the same through produce --json", async () => {
  const [from, to] = [await newTopic("-p", "1"), await newTopic("-p", "1")];
  const sent = [
    {
      key: "k",
      value: 'ü\u0000"',
      headers: [
        { key: "h", value: "1" },
        { key: "h", value: "2" },
      ],
    },
    {
      key: "k",
      value: null,
      headers: [
        { key: "h", value: null },
        { key: "", value: "" },
      ],
    },
    { key: null, value: "", headers: [] },
    { key: "", value: '{"base64":"/w=="}', headers: [] },
    {
      key: { base64: "/w==" },
      value: { base64: "AP+A" },
      headers: [{ key: "b", value: { base64: "gA==" } }],
    },
  ].map((record, index) => ({ ...record, timestamp: firstTime + index }));
  await produce(from, sent.map((record) => JSON.stringify(record)).join("\n"), "--json");
  const first = await linesOf(from, "-o", "start", "-e", "--json");
  await produce(to, first.join("\n"), "--json");
  const expected = sent.map((record, offset) => ({ partition: 0, offset, ...record }));
  expect(await recordsOf(from)).toEqual(expected.map((record) => ({ topic: from, ...record })));
  expect(await recordsOf(to)).toEqual(expected.map((record) => ({ topic: to, ...record })));
});

test("a line that is no record must be told, after those before it were written: exit 2", async () => {
  const topic = await newTopic("-p", "1");
  const input = '{"value":"good"}\n{"valeu":"bad"}\n';
  const result = await shop.dp(["topic", "produce", topic, "--json"], { input });
  expect(result.code).toBe(2);
  expect(failureOf(result)).toMatchObject({ code: "usage", evidence: ['{"valeu":"bad"}'] });
  expect(await linesOf(topic, "-o", "start", "-e", ...values)).toEqual(["good"]);
});

test("tail on a pipe must give the last 10, then follow, and end on SIGINT at once: exit 130", async () => {
  const topic = await newTopic("-p", "2");
  await produce(topic, numbers(1, 12).join("\n"), "-p", "0");
  const tail = shop.start(["topic", "tail", topic]);
  await tail.output("12\n");
  await produce(topic, "thirteen", "-p", "1");
  await tail.output("thirteen\n");
  tail.kill("SIGINT");
  const { code, stdout, stderr } = await tail.done;
  expect(code).toBe(130);
  expect(stderr).toBe("");
  const seen = stdout
    .trimEnd()
    .split("\n")
    .map((line) => line.split("  ").at(-1));
  expect(seen).toEqual([...numbers(3, 12), "thirteen"]);
});

test("tail must end on SIGTERM, too: exit 143", async () => {
  const tail = shop.start(["topic", "tail", "numbers"]);
  await tail.output("30\n");
  tail.kill("SIGTERM");
  expect(await tail.done).toMatchObject({ code: 143, stderr: "" });
});

test.each([
  [["-n", "3", "-e"], numbers(28, 30)],
  [["-n", "100", "-e"], numbers(1, 30)],
  [["-n", "0", "-e"], []],
  [["-n", "5", "-c", "2"], numbers(26, 27)],
  [["-o", "end", "-e"], []],
])(
  "tail %j must give the last of the topic in the order of their times",
  async (args, expected) => {
    expect(await linesOf("numbers", ...args, ...values)).toEqual(expected);
  },
);

test.each([
  [["-o", "start"], numbers(1, 30)],
  [["-o", "8"], numbers(25, 30)],
  [["-o", "+9"], numbers(28, 30)],
  [["-o", "-1"], numbers(28, 30)],
  [
    ["-o", "-1", "-p", "0,2"],
    ["28", "30"],
  ],
  [["-o", "@2026-11-22T10:00:25Z"], numbers(26, 30)],
  [
    ["-o", "@2026-11-22T09:00:00Z", "-p", "1"],
    numbers(1, 30).filter((_, index) => index % 3 === 1),
  ],
])("tail %j -e must give what each partition has from there", async (args, expected) => {
  expect(sorted(await linesOf("numbers", ...args, "-e", ...values))).toEqual(expected);
});

test.each([
  [["-n", "1", "-o", "start"], "-n and -o can't be used together"],
  [["-o", "tomorrow"], '"tomorrow" is not an offset'],
  [["-p", "3", "-e"], 'topic "numbers" has no partition 3'],
  [["--format", "%q"], '--format does not know "%q"'],
])("tail %j must be wrong usage: exit 2", async (args, message) => {
  const result = await shop.dp(["topic", "tail", "numbers", ...args, "--json"]);
  expect(result.code).toBe(2);
  expect(result.stdout).toBe("");
  expect(failureOf(result).message).toBe(message);
});

test("several topics must be merged by time, each record with its topic", async () => {
  const other = await newTopic("-p", "1");
  const between = { value: "between", timestamp: firstTime + 28_500 };
  await produce(other, JSON.stringify(between), "--json");
  expect(await linesOf("numbers", other, "-n", "3", "-e")).toEqual([
    expect.stringMatching(/^numbers {2}1:9 {2}2026-11-22T10:00:28\.000Z {2}- {2}29$/),
    expect.stringMatching(new RegExp(`^${other}  0:0  2026-11-22T10:00:28.500Z  -  between$`)),
    expect.stringMatching(/^numbers {2}2:9 {2}2026-11-22T10:00:29\.000Z {2}- {2}30$/),
  ]);
});

test("a format must write its fields byte for byte, and nothing else", async () => {
  const topic = await newTopic("-p", "1");
  const record = { key: "k", value: { base64: "/wA=" }, headers: [{ key: "a", value: "1" }] };
  await produce(topic, JSON.stringify({ ...record, timestamp: firstTime }), "--json");
  const [node, bin] = dpCommand;
  const format = "%t|%p|%o|%T|%D|%k|%K|%V|%h|%%|%v";
  const tail = ["topic", "tail", topic, "-o", "start", "-e", "--format", format];
  const { stdout } = await execa(node, [bin, ...tail], {
    cwd: shop.folder,
    env: dpEnvironment(),
    extendEnv: false,
    encoding: "buffer",
  });
  const text = `${topic}|0|0|${firstTime}|2026-11-22T10:00:00.000Z|k|1|2|a=1|%|`;
  expect(Buffer.from(stdout)).toEqual(Buffer.concat([Buffer.from(text), Buffer.from([0xff, 0])]));
});

test("a tail that waits in head -1 must end when its one record has come", async () => {
  const topic = await newTopic("-p", "1");
  const script = '"$@" | head -1; echo "${PIPESTATUS[0]}"';
  const command = [...dpCommand, "topic", "tail", topic];
  const waiting = execa("bash", ["-c", script, "bash", ...command], {
    cwd: shop.folder,
    env: dpEnvironment(),
    extendEnv: false,
    timeout: 20_000,
  });
  await produce(topic, "only");
  const { stdout, stderr } = await waiting;
  const lines = stdout.split("\n");
  expect(lines).toEqual([expect.stringMatching(/ {2}only$/), "0"]);
  expect(stderr).toBe("");
});
