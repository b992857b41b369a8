import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { engineClient } from "../support/docker.ts";
import { everyNth } from "../support/long-share.ts";
import { createProject } from "../support/project.ts";
import { createRandom } from "../support/random.ts";
import { tally } from "../support/tally.ts";

const rounds = 20;
const records = 100_000;

test("every record is written and read once while brokers are killed", async () => {
  const seed = Math.floor(Math.random() * 1e9);
  const random = createRandom(seed);
  await using project = await createProject("kafka: { brokers: 3 }\n");
  await project.succeed(["up"]);
  const client = await engineClient();
  const kind = `brokers killed under produce and tail, seed ${seed}`;
  const failures = await tally(kind, async (attempt) => {
    for (let round = 1; round <= rounds; round += everyNth()) {
      const broker = 1 + random.below(3);
      const delayMs = 300 + random.below(3000);
      await attempt(`round ${round}: kafka-${broker} after ${delayMs} ms`, async () => {
        const topic = `round-${round}`;
        await project.succeed(["topic", "create", topic, "-p", "3", "-r", "3"]);
        const lines = Array.from({ length: records }, (_, index) => `${round}:${index}`);
        const input = `${lines.join("\n")}\n`;
        const limit = { timeoutMs: 300_000 };
        const args = ["topic", "tail", topic, "-o", "start", "-c", String(records)];
        const tail = project.start([...args, "--format", "%v\\n"], limit);
        const produce = project.start(["topic", "produce", topic, "--rate", "20000"], {
          ...limit,
          input,
        });
        await sleep(delayMs);
        await client.getContainer(`${project.name}-kafka-${broker}`).kill();
        const written = await produce.done;
        expect(written.code, written.stderr).toBe(0);
        await project.succeed(["up"], limit);
        const read = await tail.done;
        expect(read.code, read.stderr).toBe(0);
        expect(read.stdout.trim().split("\n").toSorted()).toEqual(lines.toSorted());
      });
    }
  });
  expect(failures).toEqual([]);
});
