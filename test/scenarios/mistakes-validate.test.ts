import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { expect, test } from "vitest";
import { createProject } from "../support/project.ts";
import { dpCommand, eventsOf, failureOf } from "../support/run-dp.ts";

interface Problem {
  readonly message: string;
  readonly hint?: string | null;
  readonly at: { readonly line: number; readonly column: number } | null;
}

async function validate(
  yaml: string,
  files: Readonly<Record<string, string>> = {},
): Promise<{ code: number | undefined; problems: Problem[]; text: string }> {
  await using project = await createProject(yaml);
  for (const [path, content] of Object.entries(files)) await project.write(path, content);
  const before = await project.snapshot();
  const [json, text] = [await project.dp(["validate", "--json"]), await project.dp(["validate"])];
  expect(text.code).toBe(json.code);
  expect(await project.snapshot()).toEqual(before);
  const { problems } = JSON.parse(json.stdout) as { problems: Problem[] };
  return { code: json.code, problems, text: text.stdout };
}

test("three problems in one file must all be told, each with line, column and caret: exit 2", async () => {
  const { code, problems, text } = await validate(
    "kafak:\n  brokers: 3\nzookeeper:\n  port: eighty\ntopics:\n  orders: { partitions: 0 }\n",
  );
  expect(code).toBe(2);
  expect(new Set(problems.map(({ at }) => at?.line))).toEqual(new Set([2, 5, 7]));
  expect(problems).toHaveLength(3);
  expect(problems.every(({ at }) => (at?.column ?? 0) > 0)).toBe(true);
  const misspelled = problems.find(({ at }) => at?.line === 2);
  expect(`${misspelled?.message} ${misspelled?.hint}`).toMatch(/kafak.*kafka\b/s);
  expect(text.split("\n").filter((line) => /^[\s|\d]*\^+\s*$/.test(line))).toHaveLength(3);
  for (const { at } of problems) expect(text).toContain(`pipeline.yaml:${at?.line}:${at?.column}`);
});

test("listeners, Kafka 4 with ZooKeeper and too much replication must be told with a way out: exit 2", async () => {
  const cases = [
    { yaml: "kafka: { config: { listeners: 'PLAINTEXT://:9092' } }\n", says: /listeners/ },
    { yaml: "zookeeper:\nkafka: { version: 4.3.1 }\n", says: /ZooKeeper/i },
    {
      yaml: "kafka: { brokers: 1 }\ntopics: { orders: { replication: 3 } }\n",
      says: /replication/,
    },
  ];
  for (const { yaml, says } of cases) {
    const { code, problems } = await validate(yaml);
    expect(code).toBe(2);
    expect(problems).toHaveLength(1);
    expect(problems[0]?.message).toMatch(says);
    expect(problems[0]?.hint).toBeTruthy();
  }
});

const transform = { "pipelines/orders.py": "def clean(record):\n    return record\n" };

function orders(step: string): string {
  return `topics: [orders.raw, orders.clean]
stores: { warehouse: }
pipelines:
  orders:
    steps:
      fetch: { from: "http://shop-api/orders", to: { topic: orders.raw, key: id } }
      load: ${step}
`;
}

test.each([
  {
    what: "step",
    step: "{ run: ls, needs: [fecth] }",
    says: 'there is no step "fecth"',
    hint: /fetch/,
  },
  {
    what: "store",
    step: '{ from: "warehuose:orders", to: topic:orders.clean }',
    says: 'there is no store "warehuose"',
    hint: /"warehouse"/,
  },
  {
    what: "topic",
    step: "{ from: topic:orders.rwa, to: topic:orders.clean }",
    says: 'there is no topic "orders.rwa"',
    hint: /"orders\.raw"/,
  },
  {
    what: "file",
    step: "{ from: topic:orders.raw, transform: orders.py:clean, to: topic:orders.clean }",
    says: 'there is no file "orders.py"',
    hint: /folder of pipeline\.yaml/,
  },
  {
    what: "function",
    step: "{ from: topic:orders.raw, transform: pipelines/orders.py:claen, to: topic:orders.clean }",
    says: 'there is no function "claen"',
    hint: /"clean"/,
  },
])("an unknown $what must be told with its place and a way out: exit 2", async (mistake) => {
  const { code, problems } = await validate(orders(mistake.step), transform);
  expect(code).toBe(2);
  expect(problems.map(({ message }) => message)).toEqual([expect.stringContaining(mistake.says)]);
  expect(problems[0]?.at?.line).toBe(8);
  expect(problems[0]?.hint).toMatch(mistake.hint);
});

test("up must not start anything of a file whose pipeline has a mistake: exit 2", async () => {
  await using project = await createProject(orders("{ run: ls, needs: [fecth] }"));
  const before = await project.snapshot();
  const { code, stderr } = await project.dp(["up"]);
  expect(code).toBe(2);
  expect(stderr).toContain('there is no step "fecth"');
  const streamed = await project.dp(["up", "--json"]);
  const error = failureOf(streamed);
  expect(error.code).toBe("invalid-file");
  expect(eventsOf(streamed).at(-1)).toMatchObject({ type: "result", ok: false, error });
  expect(await project.snapshot()).toEqual(before);
});

test("validate reads the first lines of each seed and shows file and line: exit code 2", async () => {
  const yaml =
    "kafka:\ntopics:\n  good: { seed: good.jsonl }\n  bad:\n    seed: { file: bad.jsonl, format: records }\n";
  const { code, problems } = await validate(yaml, {
    "good.jsonl": '\uFEFF{"timestamp": 1795000000, "value": 21.5}\r\n',
    "bad.jsonl": '{"value": 1}\n{"valeu": 2}\n',
  });
  expect(code).toBe(2);
  expect(problems).toMatchObject([
    {
      message: expect.stringMatching(/bad\.jsonl:2 is not a record: it has no "value"/),
      at: { line: 6 },
    },
  ]);
});

/** Runs `dp validate` in a folder after the shell commands that stand before it. */
async function validateAfter(
  commands: string,
): Promise<{ code: number | undefined; stderr: string }> {
  const folder = await mkdtemp(join(tmpdir(), "dp-shell-"));
  const script = `${commands}; exec "$@" validate`;
  const args = ["-c", script, "sh", ...dpCommand];
  const { exitCode: code, stderr } = await execa("sh", args, { cwd: folder, reject: false });
  return { code, stderr };
}

test("reports a current folder that was removed: exit 1", async () => {
  const { code, stderr } = await validateAfter('rmdir "$PWD"');
  expect(code).toBe(1);
  expect(stderr).toMatch(
    /^error: can't find the current folder\n.*removed.*\n.*cd to a folder that exists$/,
  );
});

test("reports a limit of open files that is too low for dp itself: exit 1", async () => {
  const { code, stderr } = await validateAfter('ulimit -n 21; rmdir "$PWD"');
  expect(code).toBe(1);
  expect(stderr).toMatch(
    /^error: can't load dp\n.*EMFILE: too many open files.*\n.*ulimit -n 1024$/,
  );
});
