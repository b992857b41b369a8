import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { takeSnapshot } from "../support/leaks.ts";
import { runDp } from "../support/run-dp.ts";

const example = fileURLToPath(new URL("../../examples/stream", import.meta.url));

test("the plan of the example on an engine without it must read like its golden, and change nothing", async () => {
  const name = "scn-golden";
  const before = await takeSnapshot(name);
  const run = { args: ["plan", "--exit-code", "--project", name], cwd: example };
  const { code, stdout } = await runDp(run);
  expect(code).toBe(3);
  await expect(stdout).toMatchFileSnapshot("../fixtures/plans/example.txt");
  expect(await takeSnapshot(name)).toEqual(before);
});
