import { expect, test } from "vitest";
import { exitCodeFor } from "../../src/cli/exit-codes.ts";
import { DpError, type ErrorCode } from "../../src/errors.ts";

const failure = (code: ErrorCode): DpError => new DpError({ code, message: "x" });

test.each(["usage", "invalid-file", "no-file", "unknown-pipeline"] as const)(
  "%s must end with 2",
  (code) => {
    expect(exitCodeFor(failure(code), undefined)).toBe(2);
  },
);

test.each([
  "no-engine",
  "locked",
  "port-taken",
  "refused",
  "exited",
  "not-running",
  "unknown-topic",
  "unknown-group",
  "unknown-run",
] as const)("%s must end with 1", (code) => {
  expect(exitCodeFor(failure(code), undefined)).toBe(1);
});

test("a fault of dp itself must end with 1", () => {
  expect(exitCodeFor(new TypeError("x"), undefined)).toBe(1);
});

test("what a signal led to must end with the code of the signal", () => {
  expect(exitCodeFor(failure("exited"), "SIGINT")).toBe(130);
  expect(exitCodeFor(failure("exited"), "SIGTERM")).toBe(143);
  expect(exitCodeFor(failure("exited"), "SIGHUP")).toBe(143);
});

test("a command that is not there must end with 127, as in a shell", () => {
  expect(exitCodeFor(failure("no-command"), undefined)).toBe(127);
});
