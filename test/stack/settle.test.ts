import { expect, test } from "vitest";
import { autoPortCount, preferredPorts, settle } from "../../src/stack/settle.ts";
import {
  airflow,
  api,
  imagesOf,
  nothing,
  observedOf,
  settledOf,
  specsOf,
  stackOf,
  texts,
  warehouse,
} from "./stack-case.ts";
import { containersOf } from "../../src/stack/services.ts";

const auto = stackOf({ brokers: 2, ports: "auto" });
const images = imagesOf(auto);
const portsOf = (settled: ReturnType<typeof settle>) => [
  ...(settled.zookeeper?.ports ?? []),
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

test("auto ports must be wished for alike in every run, and differ from stack to stack", () => {
  const ports = preferredPorts(auto);
  expect(preferredPorts(auto)).toEqual(ports);
  expect(new Set([...ports, ...preferredPorts({ ...auto, name: "other" })]).size).toBe(6);
  for (const port of ports) expect(Math.floor(port / 10_000)).toBe(2);
});

test("auto ports must be kept from the bindings of the stack's containers, running or not", () => {
  const observed = observedOf(containersOf(settledOf(auto)), () => ({ state: "exited" }));
  const freePorts = [50_001, 50_002, 50_003];
  const settled = settle({ stack: auto, observed, images, texts, freePorts, busyPorts: new Set() });
  expect(portsOf(settled)).toEqual([40_001, 40_002, 40_003]);
});

test("a kept port that somebody else has taken must be replaced, and only that one", () => {
  const observed = observedOf(containersOf(settledOf(auto)), () => ({ state: "exited" }));
  const freePorts = [50_001, 50_002, 50_003];
  const busyPorts = new Set([40_002]);
  const settled = settle({ stack: auto, observed, images, texts, freePorts, busyPorts });
  expect(portsOf(settled)).toEqual([40_001, 50_002, 40_003]);
});

test("too few free ports must be an error, never a wrong port", () => {
  const input = {
    stack: auto,
    observed: nothing,
    images,
    texts,
    freePorts: [1],
    busyPorts: new Set<number>(),
  };
  expect(() => settle(input)).toThrow(RangeError);
});

const platform = stackOf({
  zookeeper: false,
  brokers: 0,
  airflow: { ...airflow, port: "auto" },
  stores: [{ ...warehouse, port: "auto" }],
  services: [
    {
      ...api,
      ports: [9000, 8080].map((containerPort) => ({
        containerPort,
        hostIp: "127.0.0.1",
        host: "auto",
      })),
    },
  ],
});

test("a service must keep the host port of each of its own ports", () => {
  expect(autoPortCount(platform)).toBe(4);
  const before = settledOf(platform);
  const observed = observedOf(containersOf(before));
  const input = { stack: platform, observed, images: imagesOf(platform), texts };
  const freePorts = [50_001, 50_002, 50_003, 50_004];
  const settled = settle({ ...input, freePorts, busyPorts: new Set([before.airflow?.port ?? 0]) });
  expect(settled.services).toEqual(before.services);
  expect(settled.stores).toEqual(before.stores);
  expect(settled.airflow?.port).toBe(50_002);
});

test("each part must get the image of its key, and a store the text of its scripts", () => {
  const { airflow: settledAirflow, stores, services } = settledOf(platform);
  expect(settledAirflow?.image.id).toBe("sha256:airflow");
  expect(stores[0]?.image.id).toBe("sha256:warehouse");
  expect(stores[0]).toMatchObject({
    init: [{ name: "schema.sql", content: "create table orders ();\n" }],
  });
  expect(services[0]?.image.id).toBe("sha256:shop-api");
});

test.each([
  [1, 1],
  [2, 1],
  [3, 3],
  [9, 3],
])("a new KRaft cluster of %i nodes must have %i controllers", (brokers, voters) => {
  expect(settledOf(stackOf({ zookeeper: false, brokers })).kafka?.voters).toBe(voters);
});

test("the controllers of a KRaft cluster must stay those of its data", () => {
  const grown = (from: number, to: number): number | undefined => {
    const observed = observedOf(specsOf({ zookeeper: false, brokers: from }));
    return settledOf(stackOf({ zookeeper: false, brokers: to }), observed).kafka?.voters;
  };
  expect([grown(1, 3), grown(2, 5), grown(3, 5), grown(5, 2)]).toEqual([1, 1, 3, 3]);
});
