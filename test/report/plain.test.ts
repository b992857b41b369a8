import { expect, test } from "vitest";
import type { Event } from "../../src/model/events.ts";
import { createPlainProgress } from "../../src/report/plain.ts";
import { plainStyle } from "../../src/report/style.ts";

/** An event is told at once, a number is a pause in milliseconds. */
function linesOf(events: readonly (Event | number)[], verbose = false): string[] {
  let text = "";
  let clock = 0;
  const write = (piece: string): void => {
    text += piece;
  };
  const emit = createPlainProgress({ write, style: plainStyle, verbose, now: () => clock });
  for (const event of events) {
    if (typeof event === "number") clock += event;
    else emit(event);
  }
  return text === "" ? [] : text.trimEnd().split("\n");
}

const create = { type: "step", id: "create:kafka-1", target: "kafka-1", action: "create" } as const;
const wait = { type: "step", id: "wait:kafka", target: "kafka", action: "wait for" } as const;

test("a step with a cause must be told once, when it starts", () => {
  expect(
    linesOf([
      { ...create, state: "start", cause: "not found" },
      { ...create, state: "done", cause: "not found", durationMs: 250 },
    ]),
  ).toEqual(["create          kafka-1         (not found)"]);
});

test("a step without a cause must be told when it is done", () => {
  expect(
    linesOf([
      { ...wait, state: "start" },
      { ...wait, state: "done", durationMs: 1400 },
    ]),
  ).toEqual(["ready           kafka           1.4 s"]);
});

test("a long step must be told at both ends, a failed one always", () => {
  expect(
    linesOf([
      { ...create, state: "start", cause: "not found" },
      { ...create, state: "done", durationMs: 2000 },
      { ...create, state: "start", cause: "not found" },
      { ...create, state: "failed", durationMs: 20 },
    ]),
  ).toEqual([
    "create          kafka-1         (not found)",
    "created         kafka-1         2.0 s",
    "create          kafka-1         (not found)",
    "failed to create kafka-1         20 ms",
  ]);
});

test("progress must be a line per text, not per number of bytes", () => {
  const pull = { type: "progress", target: "img", text: "pulling", total: 58_000_000 } as const;
  expect(
    linesOf([
      { ...pull, current: 1_000_000 },
      { ...pull, current: 2_000_000 },
      { type: "progress", target: "img", text: "FROM base", current: 1, total: 12 },
      { type: "progress", target: "img", text: "RUN mvn", current: 2, total: 12 },
    ]),
  ).toEqual([
    "                img             pulling",
    "                img             1/12  FROM base",
    "                img             2/12  RUN mvn",
  ]);
});

test("log lines must be told only when verbose", () => {
  const log: Event = { type: "log", target: "kafka-1", line: "started" };
  expect(linesOf([log])).toEqual([]);
  expect(linesOf([log], true)).toEqual(["kafka-1 | started"]);
});

test("the plan, phases, notes and warnings must be told", () => {
  expect(
    linesOf([
      { type: "plan", text: "2 to create\n", changes: 2 },
      { type: "phase", phase: "create", state: "start" },
      { type: "phase", phase: "create", state: "done", durationMs: 400 },
      { type: "note", level: "info", text: "one thing" },
      { type: "note", level: "warning", text: "another" },
      { type: "result", ok: true, document: {} },
    ]),
  ).toEqual([
    "2 to create",
    "phase           create          400 ms",
    "note: one thing",
    "warning: another",
  ]);
});

test("an empty plan must leave no empty line", () => {
  expect(linesOf([{ type: "plan", text: "", changes: 0 }])).toEqual([]);
});

test("a wait must tell what it waits for only when that lasts", () => {
  const waiting = (text: string): Event => ({ type: "progress", target: "kafka", text });
  expect(
    linesOf([
      { ...wait, state: "start" },
      waiting("no answer"),
      500,
      waiting("connection reset"),
      1600,
      waiting("kafka-2 is missing"),
      300,
      waiting("kafka-3 is missing"),
      5000,
      waiting("kafka-2 is missing"),
    ]),
  ).toEqual(["                kafka           kafka-2 is missing"]);
});

test("a countdown must be told at once, with the time that is left then", () => {
  const run = { type: "step", id: "run:load", target: "load", action: "run" } as const;
  const text = "try 1 failed; try 2 of 2";
  expect(
    linesOf([
      { ...run, state: "start" },
      { type: "progress", target: "load", text, until: new Date(10_000).toISOString() },
    ]),
  ).toEqual([`${" ".repeat(16)}load            ${text} in 10 s`]);
});

test("what the user's own code writes must be told without verbose, too", () => {
  const line = { type: "log", target: "load", line: "10 rows" } as const;
  expect(linesOf([line, { ...line, own: true }])).toEqual(["load | 10 rows"]);
});

test("a step that took no time of its own has no duration", () => {
  const topic = {
    type: "step",
    id: "topic:orders",
    target: "orders",
    action: "create topic",
  } as const;
  expect(
    linesOf([
      { ...topic, state: "start" },
      { ...topic, state: "done", durationMs: 0 },
    ]),
  ).toEqual(["created topic   orders"]);
});
