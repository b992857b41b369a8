import { expect, test } from "vitest";
import { DpError } from "../../src/errors.ts";
import { canaryName, leftoversOf, siblingName } from "../../src/smoke/canary-names.ts";
import { allChecks, selectChecks } from "../../src/smoke/checks.ts";
import type { CheckResult } from "../../src/smoke/model.ts";
import { isOk } from "../../src/smoke/run.ts";

const namesOf = (choice: Parameters<typeof selectChecks>[1]) =>
  selectChecks(allChecks, choice).map(({ name }) => name);

test("--only and --skip must select by name, in the order of the table", () => {
  expect(namesOf({ only: ["order", "brokers"] })).toEqual(["brokers", "order"]);
  expect(namesOf({ skip: ["inside"] })).not.toContain("inside");
  expect(namesOf({ skip: ["inside"] })).toHaveLength(allChecks.length - 1);
  expect(namesOf({})).toHaveLength(allChecks.length);
});

test("an unknown check must be refused with the nearest name", () => {
  expect(() => namesOf({ only: ["oder"] })).toThrow(
    expect.objectContaining({ code: "usage", next: 'did you mean "order"?' }),
  );
  expect(() => namesOf({ skip: ["broker"] })).toThrow(DpError);
});

test("a choice that leaves nothing must be refused", () => {
  expect(() => namesOf({ only: ["order"], skip: ["order"] })).toThrow(DpError);
});

test("only names of runs that are over must count as left behind", () => {
  const now = 1_795_000_000_000;
  const over = canaryName({ until: now - 2000, random: "0a1b2c3d" }, "canary");
  const running = canaryName({ until: now + 1000, random: "0a1b2c3d" }, "canary");
  const others = ["orders", "dp.smoke", "dp.smoke.mine", "dp.smoke.zz.x", "__consumer_offsets"];
  expect(leftoversOf([over, running, ...others], now)).toEqual([over]);
  expect(siblingName(over, "group")).toBe(over.replace("canary", "group"));
  expect(over).toMatch(/^dp\.smoke\.[0-9a-z]+\.0a1b2c3d\.canary$/);
});

test("what is not applicable must count neither as passed nor as failed", () => {
  const result = (verdict: CheckResult["verdict"]): CheckResult => ({
    name: "one",
    verdict,
    evidence: "",
    durationMs: 1,
  });
  expect(isOk([result("passed"), result("not-applicable")])).toBe(true);
  expect(isOk([result("not-applicable")])).toBe(false);
  expect(isOk([result("passed"), result("failed")])).toBe(false);
  expect(isOk([])).toBe(false);
});
