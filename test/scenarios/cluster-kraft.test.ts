import { expect, test } from "vitest";
import { containersOf } from "../support/docker.ts";
import { growToThree, kraftNodes, shrinkToOne, valuesIn } from "../support/growing-cluster.ts";
import { createProject } from "../support/project.ts";

test("a KRaft node grows to three, which stop together, and shrinks again with its data", async () => {
  await using shop = await createProject(kraftNodes(1));
  await growToThree(shop);
  const records = Array.from({ length: 300 }, (_, index) => `record ${index}`);
  const input = `${records.join("\n")}\n`;
  await shop.succeed(["topic", "produce", "new", "--acks", "all"], { input });
  // The last one stops without a quorum.
  await shop.succeed(["stop"]);
  const stopped = await containersOf(shop.name);
  expect(stopped.map(({ state }) => state)).toEqual(["exited", "exited", "exited"]);
  await shop.succeed(["start"]);
  expect((await valuesIn(shop, "new")).trim().split("\n").toSorted()).toEqual(records.toSorted());
  await shrinkToOne(shop);
  expect(await valuesIn(shop, "old")).toBe("one\ntwo\n");
  expect((await valuesIn(shop, "new")).trim().split("\n").toSorted()).toEqual(
    [...records, "three", "four", "five"].toSorted(),
  );
});
