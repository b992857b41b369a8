import { expect, test } from "vitest";
import { restartBatches } from "../../src/stack/restart-batches.ts";

const stack = [
  { service: "api", kind: "service" },
  { service: "kafka-2", kind: "kafka" },
  { service: "kafka-1", kind: "kafka" },
  { service: "zookeeper-1", kind: "zookeeper" },
] as const;

test.each([
  [[], [["api", "kafka-2", "kafka-1", "zookeeper-1"]]],
  [["kafka"], [["kafka-1"], ["kafka-2"]]],
  [["kafka-2"], [["kafka-2"]]],
  [
    ["api", "kafka", "zookeeper"],
    [["kafka-1"], ["kafka-2"], ["api", "zookeeper-1"]],
  ],
])("%j must be restarted as %j", (words, batches) => {
  expect(restartBatches(stack, words)).toEqual(batches);
});

test("the nodes of an ensemble must be restarted one by one, a lone broker with the others", () => {
  const ensemble = [
    ...[1, 2, 3].map((id) => ({ service: `zookeeper-${id}`, kind: "zookeeper" as const })),
    { service: "kafka-1", kind: "kafka" as const },
    { service: "api", kind: "service" as const },
  ];
  expect(restartBatches(ensemble, ["api", "kafka", "zookeeper"])).toEqual([
    ["zookeeper-1"],
    ["zookeeper-2"],
    ["zookeeper-3"],
    ["kafka-1", "api"],
  ]);
});
