import { Writable } from "node:stream";
import { expect, test } from "vitest";
import { DpError } from "../../src/errors.ts";
import { createReport, type ReportOptions, type View } from "../../src/report/choose.ts";

interface Captured {
  readonly stream: NodeJS.WriteStream;
  text(): string;
}

function capture(terminal?: { columns: number; rows: number }): Captured {
  let text = "";
  const stream = new Writable({
    write(piece: Buffer, _encoding, done) {
      text += piece.toString();
      done();
    },
  });
  if (terminal !== undefined) Object.assign(stream, { isTTY: true, ...terminal });
  return { stream: stream as NodeJS.WriteStream, text: () => text };
}

async function report(options: Partial<ReportOptions>) {
  const stdout = capture();
  const stderr = capture();
  const created = await createReport({
    json: false,
    quiet: false,
    verbose: false,
    color: true,
    events: false,
    stdout: stdout.stream,
    stderr: stderr.stream,
    env: {},
    redact: (text) => text,
    ...options,
  });
  return { report: created, stdout, stderr };
}

const document = { topics: [{ name: "orders" }] };
const render = ({ style }: View): string => `${style.bold("orders")}\n`;
const noted = { type: "note", level: "info", text: "engine: default" } as const;

test("text must go to stdout, progress to stderr", async () => {
  const { report: plain, stdout, stderr } = await report({});
  plain.emit(noted);
  plain.result(document, render);
  await plain.close();
  expect(stdout.text()).toBe("orders\n");
  expect(stderr.text()).toBe("note: engine: default\n");
});

test("quiet must silence progress, not the result", async () => {
  const { report: quiet, stdout, stderr } = await report({ quiet: true });
  quiet.emit(noted);
  quiet.result(document, render);
  await quiet.close();
  expect(stdout.text()).toBe("orders\n");
  expect(stderr.text()).toBe("");
});

test("--json must print one document, and nothing else, on stdout", async () => {
  const { report: json, stdout, stderr } = await report({ json: true });
  json.emit(noted);
  json.result(document, render);
  await json.close();
  expect(JSON.parse(stdout.text())).toEqual(document);
  expect(stderr.text()).toBe("note: engine: default\n");
});

test("--json of a command that streams must end with the result line", async () => {
  const { report: json, stdout, stderr } = await report({ json: true, events: true });
  json.emit(noted);
  json.result(document, render, { ok: false });
  await json.close();
  const lines = stdout.text().trimEnd().split("\n");
  expect(lines.map((line): unknown => JSON.parse(line))).toEqual([
    { time: expect.any(String), ...noted },
    { type: "result", time: expect.any(String), ok: false, ...document },
  ]);
  expect(stderr.text()).toBe("");
});

test("a failure must go to stderr, as JSON when asked", async () => {
  const error = new DpError({ code: "locked", message: "another dp works on shop" });
  const text = await report({});
  text.report.failure(error);
  expect(text.stderr.text()).toBe("error: another dp works on shop\n");
  const json = await report({ json: true });
  json.report.failure(error);
  expect(JSON.parse(json.stderr.text())).toMatchObject({ error: { code: "locked" } });
  expect(json.stdout.text()).toBe("");
});

test("colour and width must follow the stream that is written to", async () => {
  const terminal = capture({ columns: 80, rows: 24 });
  const { report: coloured } = await report({ stdout: terminal.stream });
  expect(coloured.columns).toBe(80);
  expect(coloured.style.bold("x")).toBe("\u001B[001mx\u001B[022m");
  const { report: plain } = await report({ stderr: terminal.stream });
  expect(plain.columns).toBeUndefined();
  expect(plain.style.bold("x")).toBe("x");
});

test("a terminal in CI must get lines, not a live view", async () => {
  const terminal = capture({ columns: 80, rows: 24 });
  const { report: inCi } = await report({
    stderr: terminal.stream,
    env: { CI: "true", NO_COLOR: "1" },
  });
  inCi.emit({ type: "phase", phase: "wait", state: "done", durationMs: 5 });
  await inCi.close();
  expect(terminal.text()).toBe("phase           wait            5 ms\n");
});

test("the live view must leave its finished lines and nothing else", async () => {
  const terminal = capture({ columns: 80, rows: 24 });
  const { report: live, stdout } = await report({
    stderr: terminal.stream,
    env: { NO_COLOR: "1" },
  });
  live.emit({ type: "phase", phase: "wait", state: "start" });
  live.emit({ type: "phase", phase: "wait", state: "done", durationMs: 1400 });
  live.result(document, render);
  await live.close();
  expect(terminal.text()).toBe("✓ wait         1.4 s\n");
  expect(stdout.text()).toBe("orders\n");
});

test("prints later progress as lines after the end of the live view", async () => {
  const terminal = capture({ columns: 80, rows: 24 });
  const { report: live } = await report({ stderr: terminal.stream, env: { NO_COLOR: "1" } });
  const step = {
    type: "step",
    id: "lint",
    target: "DAGs",
    action: "lint",
    state: "start",
  } as const;
  live.emit(step);
  await live.endProgress();
  const before = terminal.text();
  live.emit({ ...step, id: "import", action: "import" });
  live.emit({ type: "phase", phase: "wait", state: "done", durationMs: 1400 });
  await live.close();
  expect(terminal.text()).toBe(`${before}✓ wait         1.4 s\n`);
});

test("progress must come before the result, however soon that follows", async () => {
  const terminal = capture({ columns: 80, rows: 24 });
  const options = { stdout: terminal.stream, stderr: terminal.stream, env: { NO_COLOR: "1" } };
  const { report: live } = await report(options);
  live.emit({ type: "phase", phase: "wait", state: "done", durationMs: 1400 });
  live.result(document, render);
  await live.close();
  expect(terminal.text()).toBe("✓ wait         1.4 s\norders\n");
});

const hidden = { redact: (text: string): string => text.replaceAll("sesame", "***") };
const evil = "\u001B]0;sesame\u0007";
const told = { type: "note", level: "info", text: evil } as const;

test.each([{ json: false }, { json: true }, { json: true, events: true }])(
  "nothing that is printed has a secret or a control character: %j",
  async (options) => {
    const { report: safe, stdout, stderr } = await report({ ...options, ...hidden });
    safe.emit(told);
    safe.result({ text: evil }, ({ style }) => `${style.bold(evil)}\n`);
    safe.failure(new DpError({ code: "usage", message: evil, why: evil, evidence: [evil] }));
    await safe.close();
    for (const text of [stdout.text(), stderr.text()]) {
      expect(text).not.toContain("sesame");
      // oxlint-disable-next-line no-control-regex -- they are what it is about
      expect(text).not.toMatch(/[\u0000-\u0009\u000B-\u001F]/);
    }
    expect(stdout.text()).toContain("***");
    expect(stderr.text()).toContain("***");
  },
);

test("a result that the user asked for has its values, and no control character on a terminal", async () => {
  const terminal = capture({ columns: 80, rows: 24 });
  const renderEvil = (): string => `${evil}\n`;
  const shown = await report({ ...hidden, stdout: terminal.stream });
  shown.report.result({}, renderEvil, { verbatim: true });
  await shown.report.close();
  expect(terminal.text()).toBe("^[]0;sesame^G\n");
  const piped = await report(hidden);
  piped.report.result({}, renderEvil, { verbatim: true });
  await piped.report.close();
  expect(piped.stdout.text()).toBe(`${evil}\n`);
});

test("the live view has no control character of a log or a note", async () => {
  const terminal = capture({ columns: 80, rows: 24 });
  const { report: live } = await report({
    stderr: terminal.stream,
    env: { NO_COLOR: "1" },
    ...hidden,
  });
  live.emit(told);
  await live.close();
  expect(terminal.text()).toBe("note: ^[]0;***^G\n");
});
