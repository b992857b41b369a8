import { expect, test } from "vitest";
import { parseStatus } from "../../src/zookeeper/four-letter.ts";

test("mode and version must be read from srvr", () => {
  const text =
    "Zookeeper version: 3.8.4-9316c2a7a97e1666d8f4593f34dd6fc36ecc436c, built on 2024-02-12 22:16 UTC\nLatency min/avg/max: 0/0.0/0\nReceived: 1\nZxid: 0x0\nMode: standalone\nNode count: 5\n";
  expect(parseStatus(text)).toEqual({ mode: "standalone", version: "3.8.4" });
});

test.each([
  "srvr is not executed because it is not in the whitelist.",
  "This ZooKeeper instance is not currently serving requests",
])("an answer that is no status must be an error in its own words: %s", (text) => {
  expect(() => parseStatus(`${text}\n`)).toThrow(text);
});

test("an empty answer must be an error", () => {
  expect(() => parseStatus("")).toThrow("empty");
});
