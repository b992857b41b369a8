import { expect, test, vi } from "vitest";
import { DpError, messageOf } from "../../src/errors.ts";
import { notApplicable, runChecks, type HealthCheck } from "../../src/health/checks.ts";

const limits = {
  signal: new AbortController().signal,
  timeoutMs: 5000,
  attempts: "until-timeout",
} as const;
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
  expect(verdicts).toMatchObject([{ healthy: false, detail: "did not respond within 0.01 s" }]);
});

/** A check whose first attempts end with these failures. */
function failingAtFirst(failures: readonly Error[]) {
  const left = [...failures];
  const run = vi.fn<() => Promise<string>>(async () => {
    const failure = left.shift();
    if (failure) throw failure;
    return "fine";
  });
  return { ...check(run), run };
}

test("repeats a check whose failure may pass until it holds", async () => {
  const once = failingAtFirst([new Error("silent"), new Error("reset")]);
  const verdicts = await runChecks([{ ...once, mayPass: () => true }], limits);
  expect(verdicts).toMatchObject([{ healthy: true, detail: "fine" }]);
  expect(once.run).toHaveBeenCalledTimes(3);
});

test("reports a failure that is final after one attempt", async () => {
  const refused = failingAtFirst([new Error("refused")]);
  const silent = failingAtFirst([new Error("silent"), new Error("refused")]);
  const mayPass = (thrown: unknown): boolean => messageOf(thrown) === "silent";
  const verdicts = await runChecks([refused, { ...silent, mayPass }], limits);
  expect(verdicts.map(({ detail }) => detail)).toEqual(["refused", "refused"]);
  expect(refused.run).toHaveBeenCalledTimes(1);
  expect(silent.run).toHaveBeenCalledTimes(2);
});

test("reports the last failure at the end of the time, not that the time is over", async () => {
  const run = () => Promise.reject(new Error("kafka-1 does not answer"));
  const verdicts = await runChecks(
    [{ ...check(run), mayPass: () => true, timeoutMs: 150 }],
    limits,
  );
  expect(verdicts).toMatchObject([{ healthy: false, detail: "kafka-1 does not answer" }]);
});

test("makes one attempt for a caller that repeats the checks by itself", async () => {
  const silent = failingAtFirst([new Error("silent")]);
  const verdicts = await runChecks([{ ...silent, mayPass: () => true }], {
    ...limits,
    attempts: "one",
  });
  expect(verdicts).toMatchObject([{ healthy: false, detail: "silent" }]);
});
