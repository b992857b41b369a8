import { expect, test } from "vitest";
import { DpError } from "../../../src/errors.ts";
import { readWords } from "../../../src/commands/wait/choose.ts";
import { waitFor, type Look } from "../../../src/commands/wait/condition.ts";
import { judgeRun } from "../../../src/commands/wait/pipeline-condition.ts";
import { judgeServices } from "../../../src/commands/wait/stack-condition.ts";
import type { ObservedContainer } from "../../../src/model/containers.ts";

const nothing = { what: undefined, name: undefined, count: undefined, lag: undefined };
const failure = new DpError({ code: "kafka-failed", message: "no broker answers" });

function waitOn(looks: readonly Look[], timeoutMs = 10_000) {
  let round = 0;
  const told: string[] = [];
  const look = async (): Promise<Look> => looks[Math.min(round++, looks.length - 1)]!;
  const verdict = waitFor(
    { target: "topic a", pauseMs: 1, look },
    {
      timeoutMs,
      signal: new AbortController().signal,
      onProgress: (text) => told.push(text),
    },
  );
  return { verdict, told };
}

test.each([
  [{}, { kind: "stack" }],
  [
    { what: "service", name: "a" },
    { kind: "service", name: "a" },
  ],
  [
    { what: "topic", name: "a" },
    { kind: "topic", name: "a", count: 1 },
  ],
  [
    { what: "topic", name: "a", count: 7 },
    { kind: "topic", name: "a", count: 7 },
  ],
  [
    { what: "group", name: "a" },
    { kind: "group", name: "a", count: 0 },
  ],
  [
    { what: "group", name: "a", lag: 3 },
    { kind: "group", name: "a", count: 3 },
  ],
  [
    { what: "pipeline", name: "a" },
    { kind: "pipeline", name: "a" },
  ],
])("the words %j must mean %j", (given, words) => {
  expect(readWords({ ...nothing, ...given })).toEqual(words);
});

test.each([
  [{ what: "topic" }, "needs a name"],
  [{ count: 1 }, "belongs to a topic"],
  [{ what: "group", name: "a", count: 1 }, "belongs to a topic"],
  [{ what: "topic", name: "a", lag: 1 }, "belongs to a group"],
])("the words %j must be wrong usage: %s", (given, message) => {
  expect(() => readWords({ ...nothing, ...given })).toThrow(message);
});

test("a wait must end with what it met, and tell what was missing before", async () => {
  const { verdict, told } = waitOn([
    { state: "missing", text: "holds 0 of 2" },
    { state: "unknown", failure },
    { state: "met", text: "holds 2" },
  ]);
  expect(await verdict).toEqual({ met: true, text: "holds 2" });
  expect(told).toEqual(["holds 0 of 2", "no broker answers"]);
});

test("a wait that is not met in time must tell what is missing", async () => {
  const { verdict } = waitOn([{ state: "missing", text: "holds 1 of 2" }], 50);
  expect(await verdict).toEqual({ met: false, text: "holds 1 of 2" });
});

test("a wait for what can't come any more must end at once", async () => {
  const { verdict, told } = waitOn([{ state: "lost", text: "run 1 failed" }]);
  expect(await verdict).toEqual({ met: false, text: "run 1 failed" });
  expect(told).toEqual([]);
});

test("a wait at whose end nobody could tell must fail with the reason", async () => {
  await expect(waitOn([{ state: "unknown", failure }], 50).verdict).rejects.toBe(failure);
});

test.each([
  [undefined, "missing"],
  [{ id: "1", state: "running" as const }, "missing"],
  [{ id: "1", state: "queued" as const }, "missing"],
  [{ id: "1", state: "succeeded" as const }, "met"],
  [{ id: "1", state: "failed" as const }, "lost"],
])("the latest run %j must count as %s", (run, state) => {
  expect(judgeRun(run).state).toBe(state);
});

test("services must be there and healthy", () => {
  const containers = [{ service: "kafka-1" }] as ObservedContainer[];
  const well = { service: "kafka-1", healthy: true, detail: "running" };
  const sick = { service: "kafka-1", healthy: false, detail: "exited with code 1" };
  const seen = { services: ["kafka-1"], observed: { containers }, verdicts: [well] };
  expect(judgeServices(seen).state).toBe("met");
  expect(judgeServices({ ...seen, verdicts: [sick] })).toEqual({
    state: "missing",
    text: "kafka-1: exited with code 1",
  });
  expect(judgeServices({ ...seen, services: ["kafka-1", "redis"] })).toEqual({
    state: "missing",
    text: "redis: no container yet",
  });
});
