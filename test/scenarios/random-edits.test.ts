import { expect, test } from "vitest";
import { walkThroughEdits } from "../support/random-edits.ts";

test("a stack after random edits equals a fresh one, and each plan after up is empty", async () => {
  const seed = Number(process.env["DP_TEST_SEED"] ?? Math.floor(Math.random() * 1e9));
  const { walked, fresh } = await walkThroughEdits({ seed, steps: 3 });
  expect(walked, `seed ${seed}`).toEqual(fresh);
});
