import { expect, test } from "vitest";
import { findRefusedProperty } from "../../../src/docker/stack/broker-config.ts";
import { guiltyLine, reasonOfExit } from "../../../src/docker/stack/exits.ts";

test("the guilty line must be the last that names an exception, not a frame of its trace", () => {
  const lines = [
    "[2026-11-22 10:00:00,000] INFO starting (kafka.server.KafkaServer)",
    "[2026-11-22 10:00:01,000] ERROR Exiting Kafka due to fatal exception (kafka.Kafka$)",
    "org.apache.kafka.common.config.ConfigException: Invalid value banana for configuration log.retention.hours",
    "\tat org.apache.kafka.common.config.ConfigDef.parseType(ConfigDef.java:776)",
    "[2026-11-22 10:00:01,100] INFO shutting down (kafka.server.KafkaServer)",
  ];
  expect(guiltyLine(lines)).toBe(lines[2]);
});

test("finds the property that a broker refuses", () => {
  const refusal = "org.apache.kafka.common.config.ConfigException: Invalid value";
  expect(findRefusedProperty([`${refusal} banana for configuration log.retention.hours`])).toBe(
    "log.retention.hours",
  );
  const reason = "Not a number of type INT";
  const lines = [
    "starting",
    `${refusal} x for configuration num.io.threads: ${reason}`,
    "\tat a.B",
  ];
  expect(findRefusedProperty(lines)).toBe("num.io.threads");
  expect(findRefusedProperty(["ConfigException: No topics were given"])).toBeUndefined();
});

test("the innermost cause must win over what it led to", () => {
  const lines = [
    "java.lang.RuntimeException: can't start",
    "\tat a.B.c(B.java:1)",
    "Caused by: java.net.BindException: Address already in use",
    "\t... 12 more",
  ];
  expect(guiltyLine(lines)).toBe("java.net.BindException: Address already in use");
});

test("what was ended from outside must not be laid to its log", () => {
  const lines = ["ERROR a client asked for too many replicas", "rolled a log"];
  expect(reasonOfExit(1, lines)).toBe(lines[0]);
  expect(reasonOfExit(0, lines)).toBeUndefined();
  expect(reasonOfExit(137, lines)).toBe("killed from outside (SIGKILL)");
  expect(reasonOfExit(143, lines)).toBe("ended from outside (SIGTERM)");
  const word = "dp | error: the scheduler was ended by SIGKILL";
  expect(reasonOfExit(137, [...lines, word])).toBe("error: the scheduler was ended by SIGKILL");
});

test("without an exception the last line that speaks of an error must do", () => {
  const lines = ["starting", "FATAL: no space left on device", "bye"];
  expect(guiltyLine(lines)).toBe(lines[1]);
});

test("a full disk must win over what follows from it", () => {
  const lines = [
    "java.io.IOException: No space left on device",
    "org.apache.kafka.common.errors.KafkaStorageException: Error while writing to a log",
    "[2026-11-22 10:00:00,000] ERROR Shutdown broker because all log dirs have failed",
  ];
  expect(guiltyLine(lines)).toBe(lines[0]);
});

test("a log without any such line must name none", () => {
  expect(guiltyLine(["starting", "ready", "bye"])).toBeUndefined();
  expect(guiltyLine([])).toBeUndefined();
});
