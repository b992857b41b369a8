import { expect, test } from "vitest";
import { walkThroughEdits } from "../support/random-edits.ts";
import { tally } from "../support/tally.ts";

test("a stack after a long walk of random edits equals a fresh one", async () => {
  const failures = await tally("random edits, 12 steps each", async (attempt) => {
    for (let walk = 0; walk < 5; walk += 1) {
      const seed = Math.floor(Math.random() * 1e9);
      await attempt(`seed ${seed}`, async () => {
        const { walked, fresh } = await walkThroughEdits({ seed, steps: 12 });
        expect(walked).toEqual(fresh);
      });
    }
  });
  expect(failures).toEqual([]);
});
