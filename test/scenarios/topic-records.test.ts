import { execa } from "execa";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { Snapshot } from "../support/leaks.ts";
import { createProject, type Project } from "../support/project.ts";
import { dpCommand, dpEnvironment, failureOf } from "../support/run-dp.ts";
import { runOnTerminal } from "../support/terminal.ts";

let shop: Project;
let clean: Snapshot;

/** `numbers` holds 1 to 30, a second apart, in turn over three partitions. */
beforeAll(async () => {
  // Records with times of long ago would be deleted 30 s after the brokers' start.
  shop = await createProject(
    "zookeeper:\nkafka: { brokers: 3, config: { log.retention.ms: -1 } }\ntopics:\n  numbers: { partitions: 3 }\n  words: { partitions: 2 }\n",
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

test("lines that are no records must be named, and the others written: exit 1", async () => {
  const topic = await newTopic("-p", "1");
  await shop.write("a.jsonl", '{"value":"good"}\n\n{"valeu":"bad"}\n[]\n{"value":"after"}');
  await shop.write("b.jsonl", '{"valeu":"bad"}\n');
  const result = await shop.dp(["topic", "produce", topic, "a.jsonl", "b.jsonl", "--json"]);
  expect(result.code).toBe(1);
  const why = 'it has no "value" (null is a tombstone)';
  expect(failureOf(result)).toMatchObject({
    code: "io-failed",
    message: `3 of 5 records were not written to ${topic}`,
    evidence: [
      `lines a.jsonl:3, b.jsonl:1: ${why}, as in {"valeu":"bad"}`,
      "line a.jsonl:4: it is not a JSON object, as in []",
    ],
  });
  expect(JSON.parse(result.stdout)).toMatchObject({ records: 2, failed: 3, failure: why });
  expect(await linesOf(topic, "-o", "start", "-e", ...values)).toEqual(["good", "after"]);
});

test("keys, ends of records and empty values must be taken as the options say", async () => {
  const topic = await newTopic("-p", "1");
  await produce(topic, "k:v:w;k:;none", "-K", ":", "-D", ";", "-Z");
  const found = (await recordsOf(topic)).map(({ key, value }) => ({ key, value }));
  expect(found).toEqual([
    { key: "k", value: "v:w" },
    { key: "k", value: null },
    { key: null, value: "none" },
  ]);
});

test("a record that is too large must be named with the limit and what to do: exit 1", async () => {
  const topic = await newTopic("-p", "1", "-c", "max.message.bytes=1000");
  const input = `small\n${"x".repeat(2000)}\nsmall, too\n`;
  const result = await shop.dp(["topic", "produce", topic, "--json"], {
    input: input.replaceAll(/.+/g, (value) => JSON.stringify({ value })),
  });
  expect(result.code).toBe(1);
  expect(failureOf(result)).toMatchObject({
    code: "kafka-failed",
    evidence: [
      `line 2: MESSAGE_TOO_LARGE: larger than topic ${topic} takes (max.message.bytes=1000)`,
    ],
    next: `dp topic alter ${topic} --set max.message.bytes=1048576`,
  });
  expect(await linesOf(topic, "-o", "start", "-e", ...values)).toEqual(["small", "small, too"]);
});

test("produce that is interrupted must say what was written: exit 130", async () => {
  const topic = await newTopic("-p", "1");
  await shop.write("many.txt", numbers(1, 10_000).join("\n"));
  const producing = shop.start(["topic", "produce", topic, "many.txt", "--rate", "50"]);
  await expect.poll(() => linesOf(topic, "-o", "start", "-e", ...values)).not.toEqual([]);
  producing.kill("SIGINT");
  const { code, stderr } = await producing.done;
  expect(code).toBe(130);
  const written = await linesOf(topic, "-o", "start", "-e", ...values);
  expect(written).toEqual(numbers(1, written.length));
  expect(stderr).toContain(`interrupted; ${written.length} record`);
});

test.each([
  [["-H", "a:b"], "write a=b"],
  [["-k", "a", "-K", ":"], "-K and -k can't be used together"],
  [["-p", "7"], "has no partition 7"],
  [["--rate", "0"], "records per second"],
])("produce %j must be wrong usage: exit 2", async (args, message) => {
  const result = await shop.dp(["topic", "produce", "words", ...args], { input: "a\n" });
  expect(result.code).toBe(2);
  expect(result.stderr).toContain(message);
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
  [["-o", "2:4"], numbers(7, 12)],
  [["-o", "+8:-1"], numbers(25, 27)],
  [["-o", "@2026-11-22T10:00:05Z:2026-11-22T10:00:08Z"], numbers(6, 8)],
  [
    ["-o", ":end", "-p", "0-1", "--grep", "^2[0-5]$"],
    ["20", "22", "23", "25"],
  ],
])("tail %j must end by itself where the range ends", async (args, expected) => {
  expect(sorted(await linesOf("numbers", ...args, ...values))).toEqual(expected);
});

test("the times that were meant must be told, and that nothing lies there: exit 0 at once", async () => {
  const args = ["numbers", "-o", "@2026-11-22T11:00:00+01:00:2026-11-22T10:00:00Z", "-p", "0"];
  const env = { TZ: "Asia/Tokyo" };
  const { code, stdout, stderr } = await shop.dp(["topic", "tail", ...args], { env });
  expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
  const time = "2026-11-22 19:00:00 local (10:00:00Z)";
  expect(stderr.split("\n")).toEqual([
    `note: from ${time} to ${time}`,
    "note: nothing to read: numbers (partition 0: offsets 0:10)",
    "",
  ]);
});

test("who sees nothing must be told where dp reads, and idle tails end: exit 0", async () => {
  const { code, stdout, stderr } = await shop.dp([
    "topic",
    "tail",
    "num*",
    "-n",
    "0",
    "-p",
    "1",
    "--idle-exit",
    "3500ms",
  ]);
  expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
  expect(stderr).toBe(
    "note: nothing yet from numbers (partition 1 from the end: offset 10); -o start shows what is there\n",
  );
});

test("a pattern that no topic fits must be told: exit 1", async () => {
  const result = await shop.dp(["topic", "tail", "x*", "--json"]);
  expect(result.code).toBe(1);
  expect(failureOf(result)).toMatchObject({
    code: "unknown-topic",
    message: 'no topic fits "x*"',
  });
});

test("--grep must give the last of those that match, and -c count them", async () => {
  const tail = (...args: string[]) => linesOf("numbers", "--grep", "value:1", ...args, ...values);
  expect(await tail("-n", "3", "-e")).toEqual(["18", "19", "21"]);
  expect(await tail("-o", "start", "-p", "0", "-c", "4")).toEqual(["1", "10", "13", "16"]);
});

test("control characters of a record must not reach a terminal", async () => {
  const topic = await newTopic("-p", "1");
  await produce(topic, JSON.stringify({ key: "k\u0007", value: "a\u001b[2Jb" }), "--json");
  const args = ["topic", "tail", topic, "-e"];
  const { code, shown } = await runOnTerminal({ args, cwd: shop.folder, typing: [] });
  expect(code).toBe(0);
  expect(shown).toMatch(/ {2}k\^G {2}a\^\[\[2Jb\s*$/);
});

test.each([
  [["-n", "1", "-o", "start"], "-n and -o can't be used together"],
  [["-o", "tomorrow"], '"tomorrow" is not an offset'],
  [["-p", "3", "-e"], 'topic "numbers" has no partition 3'],
  [["-o", "20:10"], '"20:10" ends before it begins'],
  [["--format", "%v %q"], '--format does not know "%q" at character 4'],
  [["--grep", "value:("], '--grep can\'t read "value:("'],
  [["--decode", "int65"], '--decode can\'t read "int65"'],
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

test("produce --json warns about records that are older than the topic's retention", async () => {
  const times = [firstTime, firstTime + 1, Date.now() - 60_000, undefined];
  const lines = times.map((timestamp) => JSON.stringify({ key: "k", value: "x", timestamp }));
  const produceTo = async (...config: string[]): Promise<readonly [number, string]> => {
    const topic = await newTopic("-p", "1", ...config.flatMap((entry) => ["-c", entry]));
    const args = ["topic", "produce", topic, "--json"];
    const { stdout, stderr } = await shop.succeed(args, { input: lines.join("\n") });
    const { records, expired } = JSON.parse(stdout) as { records: number; expired: number };
    expect(records).toBe(4);
    return [expired, stderr.replace(topic, "TOPIC")];
  };
  const text = "TOPIC: the brokers will soon delete 2 records, older than retention.ms";
  expect(await produceTo("retention.ms=1h")).toEqual([2, expect.stringContaining(text)]);
  const without = [0, expect.not.stringContaining("delete")];
  expect(await produceTo()).toEqual(without);
  expect(await produceTo("retention.ms=1h", "cleanup.policy=compact")).toEqual(without);
  const byBroker = "message.timestamp.type=LogAppendTime";
  expect(await produceTo("retention.ms=1h", byBroker)).toEqual(without);
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
  const command = [...dpCommand, "topic", "tail", topic, "-q"];
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
