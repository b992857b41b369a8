import { expect, test } from "vitest";
import { installNode, installPackage, moveRecords } from "../support/installed-package.ts";
import { tally } from "../support/tally.ts";

test("an installed dp runs on Node 22 and 24", async () => {
  await using dp = await installPackage();
  const failures = await tally("installed dp on Node 22 and 24", async (attempt) => {
    for (const major of [22, 24]) {
      await attempt(`Node ${major}`, async () => {
        await using node = await installNode(major);
        const { written, read } = await moveRecords(dp, node.path);
        expect(read).toEqual(written);
      });
    }
  });
  expect(failures).toEqual([]);
});
