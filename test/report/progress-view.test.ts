import { expect, test } from "vitest";
import type { Event } from "../../src/model/events.ts";
import { createProgressView, type TerminalSize } from "../../src/report/progress-view.ts";
import { plainStyle } from "../../src/report/style.ts";
import { visibleWidth } from "../../src/report/width.ts";

function follow(
  events: readonly (readonly [at: number, event: Event])[],
  size: TerminalSize = { columns: 100, rows: 24 },
) {
  const view = createProgressView({ style: plainStyle, verbose: false, size: () => size });
  const finished = events.flatMap(([at, event]) => view.apply(event, at));
  return { view, finished };
}

const phase = (name: "images" | "start" | "wait", state: "start" | "done"): Event => ({
  type: "phase",
  phase: name,
  state,
});
const step = (target: string, state: "start" | "done" | "failed", action = "start"): Event => ({
  type: "step",
  id: `${action}:${target}`,
  target,
  action,
  state,
});

test("the block must show the phase and a line per service", () => {
  const { view } = follow([
    [0, phase("start", "start")],
    [0, step("zookeeper-1", "start")],
    [0, step("kafka-1", "start")],
    [200, step("zookeeper-1", "done")],
    [300, { type: "progress", target: "kafka-1", text: "no answer yet" }],
  ]);
  expect(view.lines(1400)).toEqual([
    "start  1.4 s",
    "  ✓ zookeeper-1  started    200 ms",
    "  ⠼ kafka-1      start       1.4 s  no answer yet",
  ]);
});

test("a finished phase must leave one line and an empty block", () => {
  const { view, finished } = follow([
    [0, phase("wait", "start")],
    [0, step("kafka", "start", "wait for")],
    [1400, step("kafka", "done", "wait for")],
    [1500, phase("wait", "done")],
  ]);
  expect(finished).toEqual(["✓ wait         1.5 s  kafka"]);
  expect(view.lines(1600)).toEqual([]);
});

test("a failed step must stay for good", () => {
  const { view, finished } = follow([
    [0, phase("wait", "start")],
    [0, step("kafka", "start", "wait for")],
    [3200, step("kafka", "failed", "wait for")],
  ]);
  expect(finished).toEqual(["✗ failed to wait for kafka  3.2 s"]);
  expect(view.lines(3200)).toEqual(["wait  3.2 s"]);
});

test("a build must show its step and its last log line", () => {
  const { view } = follow([
    [0, phase("images", "start")],
    [0, step("dp-kafka", "start", "build")],
    [10, { type: "progress", target: "dp-kafka", text: "RUN mvn", current: 3, total: 12 }],
    [20, { type: "log", target: "dp-kafka", line: "Downloading a" }],
    [30, { type: "log", target: "dp-kafka", line: "Downloading b" }],
  ]);
  expect(view.lines(500)).toEqual([
    "images  500 ms",
    "  ⠴ dp-kafka  build    500 ms  3/12  RUN mvn",
    "      │ Downloading b",
  ]);
});

test.each([10, 40, 60])("every line must fit a terminal of %d columns", (columns) => {
  const image = "dp-kafka:3.9.2-0a1b2c3d";
  const { view } = follow(
    [
      [0, phase("images", "start")],
      [0, step(image, "start", "build")],
      [1, { type: "log", target: image, line: "x".repeat(300) }],
    ],
    { columns, rows: 24 },
  );
  const lines = view.lines(500);
  expect(lines).toHaveLength(3);
  expect(Math.max(...lines.map(visibleWidth))).toBeLessThan(columns);
});

test("a low terminal must keep what still runs", () => {
  const events = [
    [0, phase("start", "start")] as const,
    ...[1, 2, 3, 4, 5].map((n) => [0, step(`kafka-${n}`, "start")] as const),
    [100, step("kafka-4", "done")] as const,
    [100, step("kafka-5", "done")] as const,
  ];
  const lines = follow(events, { columns: 80, rows: 6 }).view.lines(1000);
  expect(lines).toHaveLength(4);
  expect(lines.join("\n")).toMatch(/kafka-1[^]*kafka-2[^]*kafka-3/);
  expect(lines.join("\n")).not.toContain("kafka-4");
});

test("what is done next to a service must take the place of what was done before", () => {
  const { view, finished } = follow([
    [0, phase("start", "start")],
    [0, step("kafka-1", "start", "create")],
    [20, step("kafka-1", "done", "create")],
    [20, step("kafka-1", "start", "start")],
  ]);
  expect(finished).toEqual([]);
  expect(view.lines(120)).toEqual(["start  120 ms", "  ⠙ kafka-1  start    100 ms"]);
});

test("the line of a finished phase must fit the terminal", () => {
  const targets = [1, 2, 3, 4, 5].map((n) => `shop-kafka-${n}-data`);
  const { finished } = follow(
    [
      [0, phase("start", "start")],
      ...targets.map((target) => [0, step(target, "start")] as const),
      [900, phase("start", "done")],
    ],
    { columns: 50, rows: 24 },
  );
  expect(finished).toEqual(["✓ start       900 ms  shop-kafka-1-data, shop-ka…"]);
});

test("a row must count down to what comes next, and what the user's own code writes must stay", () => {
  const until = new Date(10_200).toISOString();
  const { view, finished } = follow([
    [0, step("load", "start", "run")],
    [100, { type: "log", target: "load", line: "10 rows", own: true }],
    [200, { type: "progress", target: "load", text: "try 1 failed; try 2 of 2", until }],
  ]);
  expect(finished).toEqual(["load | 10 rows"]);
  expect(view.lines(1200)).toEqual(["  ⠹ load  run     1.2 s  try 1 failed; try 2 of 2 in 9 s"]);
  expect(view.lines(2000)[0]).toContain("in 9 s");
  expect(view.lines(11_000)[0]).toContain("is due");
});

test("the durations of phases stand below each other, and a note wraps at words", () => {
  const { finished } = follow(
    [
      [0, { type: "phase", phase: "pipelines", state: "done", durationMs: 1500 }],
      [0, { type: "phase", phase: "wait", state: "done", durationMs: 900 }],
      [0, { type: "note", level: "info", text: "a text that is longer than the terminal" }],
    ],
    { columns: 30, rows: 24 },
  );
  expect(finished).toEqual([
    "✓ pipelines    1.5 s",
    "✓ wait        900 ms",
    "note: a text that is longer",
    "than the terminal",
  ]);
});
