import { expect, test } from "vitest";
import { autoPortCount, settle } from "../../src/stack/settle.ts";
import { nothing, observedOf, settledOf, stackOf } from "./stack-case.ts";
import { containersOf } from "../../src/stack/services.ts";

const auto = stackOf({ brokers: 2, ports: "auto" });
const image = { ref: "apache/kafka:1", id: "sha256:1" };
const portsOf = (settled: ReturnType<typeof settle>) => [
  settled.zookeeper?.port,
  ...(settled.kafka?.ports ?? []),
];

test("fixed ports must stay as written, and need no free ones", () => {
  const stack = stackOf({ brokers: 3 });
  expect(autoPortCount(stack)).toBe(0);
  expect(portsOf(settledOf(stack))).toEqual([2181, 9092, 10_092, 11_092]);
});

test("auto ports must be free ones, a different one for each", () => {
  expect(autoPortCount(auto)).toBe(3);
  expect(portsOf(settledOf(auto))).toEqual([40_001, 40_002, 40_003]);
});

test("auto ports must be kept from the bindings of the stack's containers, running or not", () => {
  const observed = observedOf(containersOf(settledOf(auto)), () => ({ state: "exited" }));
  const freePorts = [50_001, 50_002, 50_003];
  const settled = settle({ stack: auto, observed, image, freePorts, busyPorts: new Set() });
  expect(portsOf(settled)).toEqual([40_001, 40_002, 40_003]);
});

test("a kept port that somebody else has taken must be replaced, and only that one", () => {
  const observed = observedOf(containersOf(settledOf(auto)), () => ({ state: "exited" }));
  const freePorts = [50_001, 50_002, 50_003];
  const busyPorts = new Set([40_002]);
  const settled = settle({ stack: auto, observed, image, freePorts, busyPorts });
  expect(portsOf(settled)).toEqual([40_001, 50_001, 40_003]);
});

test("too few free ports must be an error, never a wrong port", () => {
  const input = {
    stack: auto,
    observed: nothing,
    image,
    freePorts: [1],
    busyPorts: new Set<number>(),
  };
  expect(() => settle(input)).toThrow(RangeError);
});
