import { expect, test } from "vitest";
import { endpointsOf } from "../../src/stack/endpoints.ts";
import { observedOf, specsOf } from "./stack-case.ts";

test("endpoints must list every broker in order, and ZooKeeper, under the names programs read", () => {
  const { containers } = observedOf(specsOf({ brokers: 3 }));
  expect(endpointsOf(containers.toReversed())).toEqual({
    KAFKA_BOOTSTRAP_SERVERS: "127.0.0.1:9092,127.0.0.1:10092,127.0.0.1:11092",
    ZOOKEEPER_CONNECT: "127.0.0.1:2181",
  });
});

test("without ZooKeeper, or without containers, there must be no address of it", () => {
  const { containers } = observedOf(specsOf({ zookeeper: false }));
  expect(endpointsOf(containers)).toEqual({ KAFKA_BOOTSTRAP_SERVERS: "127.0.0.1:9092" });
  expect(endpointsOf([])).toEqual({});
});
