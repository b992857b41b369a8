import { expect, test } from "vitest";
import { endpointsOf } from "../../src/stack/endpoints.ts";
import { airflow, api, observedOf, specsOf, warehouse } from "./stack-case.ts";

const shown = { passwords: "shown" } as const;

test("endpoints must list every broker in order, and ZooKeeper, under the names programs read", () => {
  const { containers } = observedOf(specsOf({ brokers: 3 }));
  expect(endpointsOf(containers.toReversed(), shown)).toEqual({
    KAFKA_BOOTSTRAP_SERVERS: "127.0.0.1:9092,127.0.0.1:10092,127.0.0.1:11092",
    ZOOKEEPER_CONNECT: "127.0.0.1:2181",
  });
});

test("without ZooKeeper, or without containers, there must be no address of it", () => {
  const { containers } = observedOf(specsOf({ zookeeper: false }));
  expect(endpointsOf(containers, shown)).toEqual({ KAFKA_BOOTSTRAP_SERVERS: "127.0.0.1:9092" });
  expect(endpointsOf([], shown)).toEqual({});
});

test("Airflow and the stores must have a URL, and a log must not see a password", () => {
  const store = { ...warehouse, name: "order-db", password: "a:b@c/d" };
  const wish = { zookeeper: false, brokers: 0, airflow, stores: [store], services: [api] };
  const { containers } = observedOf(specsOf(wish));
  expect(endpointsOf(containers, shown)).toEqual({
    AIRFLOW_URL: "http://127.0.0.1:8080",
    ORDER_DB_URL: "postgresql://dp:a%3Ab%40c%2Fd@127.0.0.1:5432/warehouse",
  });
  expect(endpointsOf(containers, { passwords: "masked" })["ORDER_DB_URL"]).toBe(
    "postgresql://dp:***@127.0.0.1:5432/warehouse",
  );
});
