import { expect, test } from "vitest";
import { pipelineDocument } from "../../src/pipeline/document.ts";
import { commandStep, pipelineOf } from "./case.ts";

test("the runtime's document must hold what every step does, with null for what is not there", () => {
  const document = pipelineDocument({
    name: "shop",
    kafka: { brokers: 2 },
    stores: [
      {
        name: "ware-house",
        type: "postgres",
        database: "ware_house",
        user: "dp",
        password: "p@ss",
      },
    ],
    file: "/shop/pipeline.yaml",
    services: [],
    stepImages: new Map(),
    topics: [
      { name: "orders", config: { "cleanup.policy": "compact,delete" } },
      { name: "bad", config: {} },
    ],
    pipelines: [
      pipelineOf({
        schedule: "0 * * * *",
        params: { since: "2026-01-01" },
        steps: [
          commandStep("fetch", {
            environment: { A: "b" },
            work: {
              kind: "move",
              from: {
                type: "http",
                url: "http://api/",
                params: {},
                headers: {},
                records: undefined,
              },
              transform: { file: "pipelines/a.py", function: "clean" },
              to: { type: "topic", topic: "orders", key: undefined, delivery: "at_least_once" },
              onBadRecord: { action: "topic", topic: "bad" },
              batch: 500,
            },
          }),
          commandStep("daily"),
        ],
      }),
    ],
  });
  expect(document).toEqual({
    version: 1,
    stack: "shop",
    kafka: { bootstrap: "kafka-1:9092,kafka-2:9092" },
    stores: {
      "ware-house": { type: "postgres", url: "postgresql://dp:p%40ss@ware-house:5432/ware_house" },
    },
    topics: { orders: { compacted: true }, bad: { compacted: false } },
    pipelines: {
      orders: {
        schedule: "0 * * * *",
        timezone: "UTC",
        params: { since: "2026-01-01" },
        steps: {
          fetch: {
            kind: "move",
            from: { type: "http", url: "http://api/", params: {}, headers: {}, records: null },
            transform: { file: "pipelines/a.py", function: "clean" },
            to: { type: "topic", topic: "orders", key: null, delivery: "at_least_once" },
            onBadRecord: { action: "topic", topic: "bad" },
            batch: 500,
            environment: { A: "b" },
          },
          daily: { kind: "run", run: { type: "command", command: "echo daily" }, environment: {} },
        },
      },
    },
  });
});

test("steps must find the one S3 of a stack by the names that AWS clients read", () => {
  const environment = { AWS_REGION: "eu-west-1" };
  const document = pipelineDocument({
    name: "x",
    kafka: undefined,
    stores: [
      { name: "lake", type: "s3" },
      { name: "cache", type: "redis", password: undefined },
    ],
    file: "/shop/pipeline.yaml",
    services: [],
    stepImages: new Map(),
    topics: [],
    pipelines: [pipelineOf({ steps: [commandStep("sync", { environment })] })],
  });
  expect(document).toMatchObject({
    stores: { lake: { url: "http://lake:5000" }, cache: { url: "redis://cache:6379/0" } },
    pipelines: {
      orders: {
        steps: {
          sync: { environment: { AWS_ENDPOINT_URL_S3: "http://lake:5000", ...environment } },
        },
      },
    },
  });
});

test("a stack without Kafka must say so", () => {
  const stack = {
    name: "x",
    kafka: undefined,
    stores: [],
    file: "/shop/pipeline.yaml",
    services: [],
    stepImages: new Map(),
    topics: [],
    pipelines: [],
  };
  expect(pipelineDocument(stack)).toMatchObject({ kafka: null, stores: {}, pipelines: {} });
});

test("a step in a container has its image, its mounts, and the environment of its service", () => {
  const run = {
    type: "container",
    from: {
      kind: "image",
      ref: "dbt:1",
      binds: [{ source: "/shop/dbt", target: "/dbt", readOnly: true }],
    },
    command: ["dbt", "build"],
  } as const;
  const document = pipelineDocument({
    name: "shop",
    kafka: undefined,
    stores: [],
    file: "/shop/pipeline.yaml",
    services: [],
    stepImages: new Map([["image:dbt:1", "mirror/dbt:1"]]),
    topics: [],
    pipelines: [
      pipelineOf({
        steps: [commandStep("build", { environment: { A: "b" }, work: { kind: "run", run } })],
      }),
    ],
  });
  expect(document).toMatchObject({
    pipelines: {
      orders: {
        steps: {
          build: {
            kind: "run",
            run: {
              type: "container",
              image: "mirror/dbt:1",
              command: ["dbt", "build"],
              binds: [{ source: "/shop/dbt", target: "/dbt", readOnly: true }],
            },
            environment: { A: "b" },
          },
        },
      },
    },
  });
});
