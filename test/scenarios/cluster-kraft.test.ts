import { expect, test } from "vitest";
import { growToThree, kraftNodes, shrinkToOne, valuesIn } from "../support/growing-cluster.ts";
import { createProject } from "../support/project.ts";

test("a KRaft node grows to three and shrinks again with its data", async () => {
  await using shop = await createProject(kraftNodes(1));
  await growToThree(shop);
  await shrinkToOne(shop);
  expect(await valuesIn(shop, "old")).toBe("one\ntwo\n");
  expect((await valuesIn(shop, "new")).split("\n").toSorted()).toEqual([
    "",
    "five",
    "four",
    "three",
  ]);
});
