import { expect, test } from "vitest";
import { describeOutOfMemory, moreMemory } from "../../src/stack/memory.ts";

const mib = 1024 ** 2;

test("the limit must be told as it is written in the file", () => {
  expect(describeOutOfMemory(256 * mib)).toBe("was killed: out of memory (limit 256m)");
  expect(describeOutOfMemory(undefined)).toBe("was killed: out of memory (it has no limit)");
});

test.each([
  [{ service: "kafka-2", kind: "kafka" }, "raise kafka.mem_limit", "lower kafka.heap"],
  [{ service: "zookeeper-1", kind: "zookeeper" }, "raise zookeeper.mem_limit", "zookeeper.heap"],
  [{ service: "db", kind: "postgres" }, "raise stores.db.mem_limit", "(it is 256m)"],
  [{ service: "api", kind: "service" }, "raise services.api.mem_limit", "(it is 256m)"],
] as const)("%o must be given more by its own key", (container, ...words) => {
  const advice = moreMemory({ ...container, memLimitBytes: 256 * mib });
  for (const word of words) expect(advice).toContain(word);
});

test("where there is no limit the machine must be named", () => {
  expect(moreMemory({ service: "api", kind: "service" })).toContain("the engine's machine");
});
