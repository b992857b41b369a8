import { expect, test } from "vitest";
import { endpointsOf, fileEndpoints } from "../../src/stack/endpoints.ts";
import { airflow, api, lake, observedOf, sessions, specsOf, warehouse } from "./stack-case.ts";

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

test("Redis must have a URL with its password, if it has one", () => {
  const open = { ...sessions, name: "open-one", port: 6380 };
  const stores = [{ ...sessions, password: "p/w" }, open];
  const { containers } = observedOf(specsOf({ zookeeper: false, brokers: 0, stores }));
  expect(endpointsOf(containers, shown)).toEqual({
    OPEN_ONE_URL: "redis://127.0.0.1:6380/0",
    SESSIONS_URL: "redis://:p%2Fw@127.0.0.1:6379/0",
  });
  expect(endpointsOf(containers, { passwords: "masked" })["SESSIONS_URL"]).toBe(
    "redis://:***@127.0.0.1:6379/0",
  );
});

test("AWS clients must find the S3 of a stack, unless there are two", () => {
  const endpoints = (stores: readonly (typeof lake)[]) =>
    endpointsOf(observedOf(specsOf({ zookeeper: false, brokers: 0, stores })).containers, shown);
  expect(endpoints([lake])).toEqual({
    LAKE_URL: "http://127.0.0.1:9000",
    AWS_ENDPOINT_URL_S3: "http://127.0.0.1:9000",
    AWS_ACCESS_KEY_ID: "dp",
    AWS_SECRET_ACCESS_KEY: "dp",
    AWS_REGION: "us-east-1",
    AWS_DEFAULT_REGION: "us-east-1",
  });
  expect(endpoints([lake, { ...lake, name: "pond", port: 9001 }])).toEqual({
    LAKE_URL: "http://127.0.0.1:9000",
    POND_URL: "http://127.0.0.1:9001",
  });
});

test("a DuckDB file must have its path, and the URL of SQLAlchemy", () => {
  const store = { name: "local-db", type: "duckdb", path: "/shop/data/local.duckdb" } as const;
  expect(fileEndpoints([store])).toEqual({
    LOCAL_DB_PATH: "/shop/data/local.duckdb",
    LOCAL_DB_URL: "duckdb:////shop/data/local.duckdb",
  });
});
