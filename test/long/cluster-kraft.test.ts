import { execa } from "execa";
import { expect, test } from "vitest";
import { containersOf } from "../support/docker.ts";
import { growToThree, kraftNodes, shrinkToOne, valuesIn } from "../support/growing-cluster.ts";
import { createProject, type Project } from "../support/project.ts";
import { tally } from "../support/tally.ts";

test("a KRaft cluster keeps its data while it grows and shrinks under SIGKILL", async () => {
  const failures = await tally("three KRaft nodes killed, shrunk, grown", async (attempt) => {
    for (let round = 1; round <= 3; round += 1) {
      await attempt(`round ${round}`, async () => {
        await using shop = await createProject(kraftNodes(1));
        await growToThree(shop);
        await killAll(shop);
        await shrinkToOne(shop);
        expect(await valuesIn(shop, "old")).toBe("one\ntwo\n");
        await growAgain(shop);
        expect((await valuesIn(shop, "new")).trim().split("\n")).toHaveLength(3);
      });
    }
  });
  expect(failures).toEqual([]);
});

async function killAll(shop: Project): Promise<void> {
  const ids = (await containersOf(shop.name)).map(({ id }) => id);
  await execa("docker", ["kill", ...ids]);
  await shop.succeed(["up"]);
  expect((await containersOf(shop.name)).map(({ id }) => id)).toEqual(ids);
  expect(await valuesIn(shop, "old")).toBe("one\ntwo\n");
}

async function growAgain(shop: Project): Promise<void> {
  await shop.configure(kraftNodes(3));
  await shop.succeed(["up"]);
  const balanced = await shop.succeed(["topic", "reassign", "--balance", "--json"]);
  const { moves } = JSON.parse(balanced.stdout) as { moves: { after: number[] }[] };
  // Of the nine partitions, five of them Kafka's own, each broker gets three.
  expect(moves.map(({ after: [leader = 0] }) => leader).toSorted((a, b) => a - b)).toEqual([
    2, 2, 2, 3, 3, 3,
  ]);
}
