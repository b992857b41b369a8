import { expect, test } from "vitest";
import { startAtOnce } from "../support/stacks-at-once.ts";
import { tally } from "../support/tally.ts";

test("ten stacks that start at once don't touch each other, and keep their ports", async () => {
  const failures = await tally("ten stacks at once", async (attempt) => {
    for (let round = 1; round <= 3; round += 1) {
      await attempt(`round ${round}`, async () => {
        const { names, answers } = await startAtOnce(10);
        expect(answers).toEqual(names);
      });
    }
  });
  expect(failures).toEqual([]);
});
