import { expect, test } from "vitest";
import { createProject } from "../support/project.ts";

interface Problem {
  readonly message: string;
  readonly hint?: string | null;
  readonly at: { readonly line: number; readonly column: number } | null;
}

async function validate(
  yaml: string,
): Promise<{ code: number | undefined; problems: Problem[]; text: string }> {
  await using project = await createProject(yaml);
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
