import { describe, expect, test } from "vitest";
import { allChecks } from "../../src/smoke/checks.ts";
import { judgeCanaryRun } from "../../src/smoke/checks/airflow.ts";
import { judgeServices, servicesCheck } from "../../src/smoke/checks/services.ts";
import { judgeStores } from "../../src/smoke/checks/stores.ts";
import type { CanaryRun } from "../../src/smoke/model.ts";

describe("airflow", () => {
  const run: CanaryRun = { state: "success", answer: "c0ffee", pickedUpMs: 400, ranMs: 900 };

  test("a run that succeeded and gave back its word must pass, with its times", () => {
    const { verdict, evidence } = judgeCanaryRun({ word: "c0ffee", run });
    expect(verdict).toBe("passed");
    expect(evidence).toContain("400 ms");
    expect(evidence).toContain("900 ms");
  });

  test("a run that failed must fail, whatever its task printed", () => {
    const failed = judgeCanaryRun({ word: "c0ffee", run: { ...run, state: "failed" } });
    expect(failed).toMatchObject({
      verdict: "failed",
      evidence: expect.stringContaining("failed"),
    });
  });

  test.each([undefined, "decaf"])("a run that gave back %s must fail", (answer) => {
    expect(judgeCanaryRun({ word: "c0ffee", run: { ...run, answer } }).verdict).toBe("failed");
  });
});

describe("stores", () => {
  const rows = ["row 0", "row 1"];

  test("stores that returned just what they took must pass, by name", () => {
    const judgement = judgeStores(rows, [
      { name: "warehouse", read: rows },
      { name: "lake", read: rows },
    ]);
    expect(judgement.verdict).toBe("passed");
    expect(judgement.evidence).toContain("warehouse, lake");
  });

  test.each([
    ["a lost row", ["row 0"], "of 2 rows 1 lost"],
    ["a row too many", ["row 0", "row 1", "row 1"], "of 2 rows 1 too many"],
    ["another row", ["row 0", "row 9"], "of 2 rows 1 lost, 1 too many"],
    ["no answer", "is exited", "is exited"],
  ])("%s must fail one store and name it", (_, read, evidence) => {
    const judgement = judgeStores(rows, [
      { name: "warehouse", read: rows },
      { name: "lake", read },
    ]);
    expect(judgement.verdict).toBe("failed");
    expect(judgement.evidence).toContain(`lake: ${evidence}`);
    expect(judgement.evidence).not.toContain("warehouse");
  });
});

describe("services", () => {
  const api = { name: "api", ready: true, detail: "/health answers 200" };

  test("services that are ready must pass with what was seen, and those not asked be named", () => {
    expect(judgeServices([api], ["web", "job"])).toEqual({
      verdict: "passed",
      evidence: "api: /health answers 200; not asked, without a check: web, job",
    });
  });

  test("one that is not ready must fail all, and be the only one that is named", () => {
    const db = { name: "db", ready: false, detail: "nothing listens" };
    expect(judgeServices([api, db], [])).toEqual({
      verdict: "failed",
      evidence: "db: nothing listens",
    });
  });

  test("services without a check must prove nothing", () => {
    const mayPass = () => true;
    const services = [{ name: "web", ask: undefined, mayPass }];
    const rest = { kafka: undefined, airflow: undefined, stores: [] };
    expect(servicesCheck.lacks({ ...rest, services })).toBe("no service says when it is ready");
    const asked = { name: "api", ask: async () => "fine", mayPass };
    expect(servicesCheck.lacks({ ...rest, services: [...services, asked] })).toBeUndefined();
  });
});

test("a stack without Kafka, Airflow, stores and services must have nothing that can be asked", () => {
  const nothing = { kafka: undefined, airflow: undefined, stores: [], services: [] };
  for (const { lacks } of allChecks) expect(lacks(nothing)).toMatch(/^the stack has no /);
});
