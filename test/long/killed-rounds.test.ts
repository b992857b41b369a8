import { expect, test } from "vitest";
import { createChaosStack } from "../support/chaos-stack.ts";
import { everyNth } from "../support/long-share.ts";
import { createRandom } from "../support/random.ts";
import { tally } from "../support/tally.ts";

const rounds = 200;
const randomKills = 200;
/** Longer than any of the commands takes on a quiet machine. */
const longestMs = 4000;

test.concurrent("up succeeds with unchanged ports in every round of stop, a killed up and up", async () => {
  await using stack = await createChaosStack();
  await stack.up({ brokers: 1 });
  const ports = await stack.ports();
  const failures = await tally("rounds of stop, killed up, up", async (attempt) => {
    for (let round = 0; round < rounds; round += everyNth()) {
      // A start is under way 0.2 to 0.6 s after the start of dp.
      const delayMs = 200 + 2 * round;
      await attempt(`up killed after ${delayMs} ms`, async () => {
        await stack.project.succeed(["stop"]);
        await stack.kill(["up"], delayMs);
        await stack.up({ brokers: 1 });
        await stack.expectWhole({ brokers: 1 });
        expect(await stack.ports()).toEqual(ports);
      });
    }
  });
  expect(failures).toEqual([]);
});

test.concurrent("up succeeds after a random command was killed at a random time", async () => {
  const seed = Math.floor(Math.random() * 1e9);
  const random = createRandom(seed);
  await using stack = await createChaosStack();
  await stack.up({ brokers: 1 });
  const failures = await tally(
    `random commands killed at random times, seed ${seed}`,
    async (attempt) => {
      for (let kill = 0; kill < randomKills; kill += everyNth()) {
        const command = random.pick([
          "up",
          "stop",
          "start",
          "restart",
          "down",
          "pipeline run greet --local",
        ]);
        const brokers = random.pick([1, 1, 2] as const);
        const delayMs = random.below(longestMs);
        await attempt(`${command} for ${brokers} brokers after ${delayMs} ms`, async () => {
          await stack.configure({ brokers });
          await stack.kill(command.split(" "), delayMs);
          await stack.up({ brokers });
          await stack.expectWhole({ brokers });
        });
      }
    },
  );
  expect(failures).toEqual([]);
});
