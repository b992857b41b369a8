import { expect, test } from "vitest";
import { describeRest } from "../../../src/commands/down/take-down.ts";
import type { Observed } from "../../../src/model/containers.ts";

const none: Pick<Observed, "containers" | "networks" | "volumes"> = {
  containers: [],
  networks: [],
  volumes: [],
};
const shop = { project: "shop", volumes: "remove", cause: new Error("Ctrl-C") } as const;

test("says that the rest is unknown when the engine does not respond after Ctrl-C", () => {
  expect(describeRest({ ...shop, left: undefined })).toMatchObject({
    code: "interrupted",
    why: "what is left of shop is unknown: the engine did not respond within 10 s",
    next: "dp down --volumes --project shop goes on",
  });
});

test("says that nothing is left only when the engine said so", () => {
  expect(describeRest({ ...shop, left: none }).why).toMatch(/^nothing of shop is left/);
});
