import { execa } from "execa";
import { expect, test } from "vitest";
import type { SmokeDocument } from "../../src/smoke/model.ts";
import { pauseContainer } from "../support/pause.ts";
import { createProject, type Project } from "../support/project.ts";
import type { DpResult } from "../support/run-dp.ts";
import { tally } from "../support/tally.ts";

/** Check → `result: evidence`. */
function verdictsOf({ stdout }: DpResult): Record<string, string> {
  const { checks } = JSON.parse(stdout) as SmokeDocument;
  return Object.fromEntries(
    checks.map(({ name, verdict, evidence }) => [name, `${verdict}: ${evidence}`]),
  );
}

test("smoke names the broker that is frozen, or whose name is wrong inside the network", async () => {
  await using shop = await createProject("zookeeper:\nkafka: { brokers: 3 }\ntopics: [orders]\n");
  await shop.succeed(["up"]);
  const failures = await tally("planted faults that smoke finds", async (attempt) => {
    await attempt("a wrong name inside the network", () => findWrongName(shop));
    await attempt("a frozen broker", () => findFrozen(shop));
  });
  expect(failures).toEqual([]);
});

async function findWrongName(shop: Project): Promise<void> {
  const first = `${shop.name}-kafka-1`;
  const shell = (script: string) => execa("docker", ["exec", "-u", "0", first, "sh", "-c", script]);
  // TEST-NET-1: no server is there. The broker itself keeps the address that it has looked up.
  await shell('echo "192.0.2.1 kafka-2" >> /etc/hosts');
  try {
    const checks = ["--only", "brokers,inside,order"];
    const result = await shop.dp(["smoke", "--json", ...checks, "--timeout", "20s"]);
    expect(result.code).toBe(10);
    expect(verdictsOf(result)).toEqual({
      brokers: expect.stringMatching(/^passed/),
      inside: expect.stringMatching(/^failed: from kafka-1's container: kafka-2:9092 took 0 of 5/),
      order: expect.stringMatching(/^passed/),
    });
  } finally {
    await shell("grep -v 192.0.2.1 /etc/hosts > /tmp/hosts; cat /tmp/hosts > /etc/hosts");
  }
  const { stdout } = await shop.succeed(["topic", "list", "--json"]);
  const { topics } = JSON.parse(stdout) as { topics: { name: string }[] };
  expect(topics.map(({ name }) => name)).toEqual(["orders"]);
}

async function findFrozen(shop: Project): Promise<void> {
  await pauseContainer(`${shop.name}-kafka-2`);
  try {
    const result = await shop.dp(["smoke", "--json", "--only", "brokers"]);
    expect(result.code).toBe(10);
    expect(verdictsOf(result)).toEqual({
      // Followers that do not follow hold up what consumers can see on the others.
      brokers: expect.stringMatching(/^failed: (.*; )?kafka-2 is paused(; .*)?$/),
    });
  } finally {
    await execa("docker", ["unpause", `${shop.name}-kafka-2`]);
  }
}
