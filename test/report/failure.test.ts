import { expect, test } from "vitest";
import { DpError } from "../../src/errors.ts";
import { renderFailure, renderFailureJson } from "../../src/report/failure.ts";
import { plainStyle } from "../../src/report/style.ts";

const exited = new DpError({
  code: "exited",
  message: "kafka-1 ended while dp waited for it",
  why: "exit code 1",
  evidence: ["Invalid value banana\nfor configuration log.retention.hours"],
  next: "change kafka.config, then: dp up",
  at: { file: "pipeline.yaml", line: 4, column: 3 },
});
const same = (text: string): string => text;
const quiet = { style: plainStyle, verbose: false, clean: same, columns: undefined };

test("a failure must say what, where, why, the evidence and what is next", () => {
  expect(renderFailure(exited, quiet)).toBe(
    [
      "error: kafka-1 ended while dp waited for it",
      "  at        pipeline.yaml:4:3",
      "  why       exit code 1",
      "  evidence  Invalid value banana",
      "            for configuration log.retention.hours",
      "  next      change kafka.config, then: dp up",
      "",
    ].join("\n"),
  );
});

test("a failure with a message only must be one line", () => {
  const error = new DpError({ code: "usage", message: "no such command: upp" });
  expect(renderFailure(error, quiet)).toBe("error: no such command: upp\n");
});

test("a fault of dp itself must be told apart", () => {
  const text = renderFailure(new TypeError("x is not a function"), quiet);
  expect(text).toContain("error: dp itself failed");
  expect(text).toContain("TypeError: x is not a function");
  expect(text).toContain("--verbose");
  expect(text).not.toContain("failure.test.ts");
});

test("verbose must add the stack of the error and of its cause", () => {
  const cause = new RangeError("broken");
  const text = renderFailure(new Error("outer", { cause }), { ...quiet, verbose: true });
  expect(text).toContain("failure.test.ts");
  expect(text).toContain("caused by RangeError: broken");
});

test("a failure as JSON must be one line with every key", () => {
  const text = renderFailureJson(exited, same);
  expect(text.indexOf("\n")).toBe(text.length - 1);
  expect(JSON.parse(text)).toEqual({
    error: {
      code: "exited",
      message: "kafka-1 ended while dp waited for it",
      why: "exit code 1",
      evidence: ["Invalid value banana\nfor configuration log.retention.hours"],
      next: "change kafka.config, then: dp up",
      at: { file: "pipeline.yaml", line: 4, column: 3 },
    },
  });
  expect(JSON.parse(renderFailureJson("thrown text", same))).toEqual({
    error: {
      code: "internal",
      message: expect.any(String),
      why: "thrown text",
      evidence: [],
      next: expect.any(String),
      at: null,
    },
  });
});

test("prose wraps at words under itself, and a command stays one line", () => {
  const next = "dp group reset orders-clean --topic orders.raw -p 0 -o 18 -y";
  const why = "broker 1 refused the record, because its timestamp is too far in the future";
  const error = new DpError({
    code: "kafka-failed",
    message: "can't write to topic orders",
    why,
    next,
  });
  expect(renderFailure(error, { ...quiet, columns: 40 })).toBe(
    [
      "error: can't write to topic orders",
      "  why       broker 1 refused the record,",
      "            because its timestamp is too",
      "            far in the future",
      `  next      ${next}`,
      "",
    ].join("\n"),
  );
});
