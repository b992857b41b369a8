import { expect, test } from "vitest";
import { DpError } from "../../../src/errors.ts";
import {
  explainFailure,
  noBrokerAnswers,
  unreachable,
} from "../../../src/kafka/cluster/explain.ts";
import { ConnectionError } from "../../../src/kafka/connection/connection-error.ts";
import { BrokerError } from "../../../src/kafka/protocol/error-codes.ts";

const failure = { code: "kafka-failed", message: "it failed" } as const;

test("a broker's answer must be told with what to do", () => {
  expect(explainFailure(new BrokerError("Produce", 10), "external")).toMatchObject({
    code: "kafka-failed",
    why: "Produce: MESSAGE_TOO_LARGE: the record is larger than max.message.bytes",
    next: expect.stringContaining("max.message.bytes"),
  });
});

test.each([
  ["TOPIC_AUTHORIZATION_FAILED: no", "kafka-acls.sh"],
  ["partition 0: NOT_ENOUGH_REPLICAS: too few", "min.insync.replicas"],
  ["NON_EMPTY_GROUP: it has members", "dp group describe"],
])("%s must be told with what to do, where nothing is said yet", (why, next) => {
  const told = explainFailure(new DpError({ ...failure, why }), "stack");
  expect(told).toMatchObject({ ...failure, why, next: expect.stringContaining(next) });
  const known = new DpError({ ...failure, why, next: "do that" });
  expect(explainFailure(known, "stack")).toBe(known);
});

test("commands for a stack must not be named for another cluster", () => {
  const error = new DpError({ ...failure, why: "it is so", next: "dp status" });
  expect(explainFailure(error, "stack")).toBe(error);
  const told = explainFailure(error, "external") as DpError;
  expect(told.message).toBe("it failed");
  expect(told.next).not.toContain("dp status");
});

test("an advertised address that can't be reached must be told however it came up", () => {
  const cause = unreachable({
    node: { id: 2, host: "kafka-2", port: 9092 },
    bootstrap: [{ host: "localhost", port: 29092 }],
    error: new ConnectionError("unresolved", "getaddrinfo ENOTFOUND kafka-2"),
    kind: "external",
  });
  expect(cause.message).toBe(
    "localhost:29092 sends dp to broker 2 at kafka-2:9092, which can't be reached: getaddrinfo ENOTFOUND kafka-2",
  );
  const all = new AggregateError([cause]);
  for (const one of [cause, all]) {
    const error = new DpError({ ...failure, next: "dp status", cause: one });
    const advice = expect.stringContaining("set advertised.listeners of broker 2");
    expect(explainFailure(error, "external")).toMatchObject({ ...failure, next: advice });
  }
});

test("what is no fault of a connection or a broker must come back as it is", () => {
  const error = new TypeError("x is not a function");
  expect(explainFailure(error, "external")).toBe(error);
});

test("of several addresses, the one that came furthest must give the reason", () => {
  const addresses = [1, 2, 3].map((port) => ({ host: "a", port }));
  const reasons = [
    new ConnectionError("refused", "connect ECONNREFUSED a:1"),
    new ConnectionError("credentials", "a:2 refuses user me"),
    new ConnectionError("no-answer", "a:3 did not answer"),
  ];
  expect(noBrokerAnswers({ addresses, reasons, kind: "external" })).toMatchObject({
    message: "the brokers take no requests from dp",
    why: "a:2 refuses user me",
    evidence: ["connect ECONNREFUSED a:1", "a:2 refuses user me", "a:3 did not answer"],
    next: expect.stringContaining("--user"),
  });
});
