import { execa } from "execa";
import { expect, test } from "vitest";
import { containersOf } from "../support/docker.ts";
import { valuesIn } from "../support/growing-cluster.ts";
import { createProject } from "../support/project.ts";
import { quickTicks, shortSession } from "../support/short-sessions.ts";
import { tally } from "../support/tally.ts";

test("up starts an ensemble and its brokers that were all killed at once, with their data", async () => {
  const zookeeper = quickTicks.replace("{", "{ nodes: 3,");
  await using shop = await createProject(`zookeeper: ${zookeeper}
kafka: { brokers: 3, config: { ${shortSession} } }
topics: { orders: { partitions: 3, replication: 3 } }
`);
  await shop.succeed(["up"]);
  await shop.succeed(["topic", "produce", "orders", "--acks", "all"], { input: "one\ntwo\n" });
  const ids = (await containersOf(shop.name)).map(({ id }) => id);
  const failures = await tally("ensembles killed at once", async (attempt) => {
    for (let round = 1; round <= 5; round += 1) {
      await attempt(`round ${round}`, async () => {
        await execa("docker", ["kill", ...ids]);
        await shop.succeed(["up"]);
        expect((await containersOf(shop.name)).map(({ id }) => id)).toEqual(ids);
        expect((await valuesIn(shop, "orders")).trim().split("\n").toSorted()).toEqual([
          "one",
          "two",
        ]);
      });
    }
  });
  expect(failures).toEqual([]);
});
