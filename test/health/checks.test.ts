import { expect, test } from "vitest";
import { DpError } from "../../src/errors.ts";
import { notApplicable, runChecks, type HealthCheck } from "../../src/health/checks.ts";

const limits = { signal: new AbortController().signal, timeoutMs: 5000 };
const check = (run: HealthCheck["run"]): HealthCheck => ({ service: "a", name: "b", run });

test("verdicts must carry what was found, and the lines that prove a failure", async () => {
  const failure = new DpError({ code: "exited", message: "it ended", evidence: ["last line"] });
  const verdicts = await runChecks(
    [check(async () => "fine"), check(() => Promise.reject(failure))],
    limits,
  );
  expect(verdicts).toMatchObject([
    { healthy: true, detail: "fine", evidence: [] },
    { healthy: false, detail: "it ended", evidence: ["last line"] },
  ]);
});

test("a check without anything to judge must get no verdict", async () => {
  expect(await runChecks([check(async () => notApplicable)], limits)).toEqual([]);
});

test("a check that hangs must fail at its limit", async () => {
  const verdicts = await runChecks([check(() => new Promise(() => {}))], {
    ...limits,
    timeoutMs: 10,
  });
  expect(verdicts).toMatchObject([{ healthy: false, detail: "no answer within 10 ms" }]);
});
