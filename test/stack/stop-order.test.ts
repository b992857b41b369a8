import { expect, test } from "vitest";
import { stopOrder } from "../../src/stack/stop-order.ts";

type Stoppable = Parameters<typeof stopOrder>[0][number];

function service(name: string, dependsOn?: readonly string[]): Stoppable {
  return {
    id: name,
    service: name,
    kind: "service",
    parts: {},
    ...(dependsOn ? { dependsOn } : {}),
  };
}

function member(kind: "kafka" | "zookeeper", id: number): Stoppable {
  return { id: `${kind}-${id}`, service: `${kind}-${id}`, kind, parts: {} };
}

test("brokers must stop before ZooKeeper, and what depends on them before the brokers", () => {
  const containers = [
    member("zookeeper", 1),
    member("kafka", 1),
    member("kafka", 2),
    service("api", ["kafka"]),
    service("alone"),
  ];
  expect(Object.fromEntries(stopOrder(containers))).toEqual({
    alone: [],
    api: [],
    "kafka-1": ["api"],
    "kafka-2": ["api"],
    "zookeeper-1": ["kafka-1", "kafka-2"],
  });
});

test("a chain of services must stop from its end", () => {
  const containers = [service("a"), service("b", ["a"]), service("c", ["b", "a"])];
  expect(Object.fromEntries(stopOrder(containers))).toEqual({ c: [], b: ["c"], a: ["b", "c"] });
});

test("labels that name a circle must make nobody wait", () => {
  const containers = [service("a", ["b"]), service("b", ["a"]), service("c", ["a"])];
  expect(Object.fromEntries(stopOrder(containers))).toEqual({ c: [], a: ["c"], b: [] });
});
