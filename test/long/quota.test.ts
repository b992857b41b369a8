import { expect, test } from "vitest";
import { everyNth } from "../support/long-share.ts";
import { startCluster } from "../support/kafka-cluster.ts";
import { meetQuota } from "../support/quota.ts";
import { tally } from "../support/tally.ts";

test("writes and reads everything under quotas that hold back answers for long", async () => {
  await using running = await startCluster({ brokers: 1, mode: "kraft" });
  const failures = await tally("quotas", async (attempt) => {
    for (let round = 1; round <= 4; round += everyNth()) {
      const bytes = 50_000 * round;
      await attempt(`${bytes} bytes`, async () => {
        const { writing, reading } = await meetQuota({ running, topic: `limited-${round}`, bytes });
        // What the rounds before have left of the quota delays small ones, too.
        for (const text of writing) expect(text).toContain("the quota of client dp limits writing");
        for (const text of reading) expect(text).toContain("the quota of client dp limits reading");
        if (bytes < 150_000) return;
        expect(writing).not.toEqual([]);
        expect(reading).not.toEqual([]);
      });
    }
  });
  expect(failures).toEqual([]);
});
