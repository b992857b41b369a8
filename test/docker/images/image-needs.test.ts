import { expect, test } from "vitest";
import { imageKeys, imageNeeds } from "../../../src/docker/images/image-needs.ts";
import { airflow, api, lake, sessions, stackOf, warehouse } from "../../stack/stack-case.ts";

test("a stack must need one image for Kafka and ZooKeeper, and one for each other part", () => {
  const cache = { ...api, name: "cache", source: { kind: "image", ref: "redis:7" } } as const;
  const stores = [warehouse, { ...warehouse, name: "other", image: "mine:1" }, sessions, lake];
  const needs = imageNeeds(stackOf({ brokers: 3, airflow, stores, services: [api, cache] }));
  expect(needs).toMatchObject([
    { key: "kafka", kind: "recipe", wish: { what: "kafka", version: "3.9.2", section: "kafka" } },
    { key: "warehouse", kind: "recipe", wish: { what: "postgres", version: "15" } },
    { key: "other", wish: { named: "mine:1", section: "stores.other" } },
    { key: "sessions", kind: "recipe", wish: { what: "redis", version: "7" } },
    { key: "lake", kind: "recipe", wish: { what: "s3", version: "5.2.3" } },
    { key: "airflow", kind: "recipe", wish: { what: "airflow", version: "3.3.2" } },
    {
      key: "shop-api",
      kind: "build",
      service: {
        project: "shop",
        service: "shop-api",
        folder: "/shop/api",
        dockerfile: "Dockerfile",
        args: {},
        target: undefined,
      },
    },
    {
      key: "cache",
      kind: "named",
      wish: { what: "named", named: "redis:7", section: "services.cache" },
    },
  ]);
});

test("a stack without Kafka must need no image of it", () => {
  const needs = imageNeeds(stackOf({ zookeeper: false, brokers: 0, airflow }));
  expect(needs.map(({ key }) => key)).toEqual(["airflow"]);
});

test("ZooKeeper alone must run from the last Kafka that carries it", () => {
  const [need] = imageNeeds(stackOf({ brokers: 0 }));
  expect(need).toMatchObject({ key: "kafka", wish: { version: "3.9.2" } });
});

test("words must mean the images of their services only, and no word all of them", () => {
  const stack = stackOf({ brokers: 2, airflow, stores: [warehouse], services: [api] });
  expect([...imageKeys(stack, ["kafka"])]).toEqual(["kafka"]);
  expect([...imageKeys(stack, ["zookeeper", "warehouse"])]).toEqual(["kafka", "warehouse"]);
  expect([...imageKeys(stack, [])]).toEqual(["kafka", "airflow", "warehouse", "shop-api"]);
  expect(() => imageKeys(stack, ["warehous"])).toThrow("no service warehous");
});
