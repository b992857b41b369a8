import { readFile } from "node:fs/promises";
import path from "node:path";
import { execa } from "execa";
import { expect, test } from "vitest";
import { parseSeedLine } from "../../src/kafka/records/record.ts";
import { loadStack } from "../../src/config/load.ts";

const example = path.join(import.meta.dirname, "..", "..", "examples", "stream");

async function generate(...args: string[]): Promise<string> {
  const script = path.join(example, "generate-orders.mjs");
  const { stdout } = await execa(process.execPath, [script, ...args], {
    stripFinalNewline: false,
  });
  return stdout;
}

test("the generator must make the orders of the example again, byte for byte", async () => {
  expect(await generate()).toBe(await readFile(path.join(example, "data/orders.jsonl"), "utf8"));
});

test("another seed must make other orders, and the count must be kept", async () => {
  const [first, second] = [await generate("1", "20"), await generate("2", "20")];
  expect(first.trimEnd().split("\n")).toHaveLength(20);
  expect(first).not.toBe(second);
});

test("every line of the seed must be a record with a key and an order whose amount adds up", async () => {
  const lines = (await generate("42", "200")).trimEnd().split("\n");
  for (const line of lines) {
    const { key, value } = parseSeedLine(Buffer.from(line));
    const order = JSON.parse(String(value)) as {
      customer: string;
      amount: number;
      items: { qty: number; price: number }[];
    };
    expect(key?.toString()).toBe(order.customer);
    const sum = order.items.reduce((total, { qty, price }) => total + qty * price, 0);
    expect(order.amount).toBeCloseTo(sum, 5);
  }
});

test("the stream must be valid: one ZooKeeper, three brokers, a seeded topic", async () => {
  const loaded = await loadStack({ cwd: example, env: {} });
  expect(loaded.ok && loaded.stack).toMatchObject({
    name: "stream",
    zookeeper: { ports: [12_181] },
    kafka: { mode: "zookeeper", version: "3.9.2", ports: [19_092, 20_092, 21_092] },
    topics: [
      { name: "orders", partitions: 3, replication: 3, config: { "retention.ms": "604800000" } },
      { name: "order-status", config: { "cleanup.policy": "compact" } },
      { name: "returns", partitions: 1, replication: 3 },
    ],
  });
});

const platform = path.join(import.meta.dirname, "..", "..", "examples", "platform");

/** The answer of a Python program that is run in the example's folder. */
async function python<T>(program: string): Promise<T> {
  const { stdout } = await execa("python3", ["-B", "-c", program], { cwd: platform });
  return JSON.parse(stdout) as T;
}

const madeOrders = `
import json, sys
sys.path[:0] = ["services/shop-api"]
from orders import make_orders
orders = make_orders()
`;

test("the platform must be valid without a warning, and be what it is described to be", async () => {
  const loaded = await loadStack({ cwd: platform, env: {} });
  expect(loaded.ok && loaded.warnings).toEqual([]);
  expect(loaded.ok && loaded.stack).toMatchObject({
    name: "shop",
    zookeeper: { ports: [2181] },
    kafka: { mode: "zookeeper", brokers: 1 },
    airflow: { port: 8080, start: "fast" },
    stores: [{ name: "warehouse", type: "postgres", port: 5432 }],
    services: [
      {
        name: "shop-api",
        source: { kind: "build", folder: path.join(platform, "services/shop-api") },
        ports: [{ containerPort: 8080, hostIp: "127.0.0.1", host: 8085 }],
        ready: { kind: "http", port: 8080, path: "/health", status: 200 },
      },
    ],
    topics: [
      { name: "orders.raw", partitions: 3 },
      { name: "orders.clean", partitions: 3 },
    ],
    pipelines: [
      {
        name: "orders",
        schedule: "0 0 * * *",
        steps: [
          {
            id: "fetch",
            needs: [],
            retries: 2,
            retryDelayMs: 2000,
            work: {
              from: { type: "http", url: "http://shop-api:8080/orders" },
              to: { topic: "orders.raw", key: "id" },
            },
          },
          {
            id: "clean",
            needs: ["fetch"],
            work: {
              from: { topic: "orders.raw", group: "dp.shop.orders.clean" },
              transform: { file: "pipelines/orders.py", function: "clean" },
            },
          },
          {
            id: "load",
            needs: ["clean"],
            work: { to: { store: "warehouse", mode: "upsert", uniqueKey: ["id"] } },
          },
        ],
      },
    ],
  });
});

test("the shop must have the same 200 orders each time, and ids that tell them apart", async () => {
  const orders = await python<{ id: string }[]>(`${madeOrders}print(json.dumps(orders))`);
  expect(orders).toHaveLength(200);
  expect(new Set(orders.map(({ id }) => id)).size).toBe(200);
  expect(await python(`${madeOrders}print(json.dumps(make_orders()))`)).toEqual(orders);
  expect(await python(`${madeOrders}print(json.dumps(make_orders(7)))`)).not.toEqual(orders);
});

test("the transform must leave out cancelled orders, and count money in cents", async () => {
  const clean = `${madeOrders}
sys.path[:0] = ["pipelines"]
from importlib.util import module_from_spec, spec_from_file_location
spec = spec_from_file_location("transform", "pipelines/orders.py")
transform = module_from_spec(spec)
spec.loader.exec_module(transform)
print(json.dumps([[order, transform.clean(order)] for order in orders]))
`;
  interface Raw {
    readonly id: string;
    readonly status: string;
    readonly items: readonly { readonly quantity: number; readonly price: string }[];
  }
  interface Clean {
    readonly id: string;
    readonly customer: string;
    readonly articles: number;
    readonly total_cents: number;
  }
  const pairs = await python<readonly (readonly [Raw, Clean | null])[]>(clean);
  const cancelled = pairs.filter(([raw]) => raw.status === "cancelled");
  expect(cancelled.length).toBeGreaterThan(5);
  expect(cancelled.map(([, record]) => record)).toEqual(cancelled.map(() => null));
  for (const [raw, record] of pairs.filter(([raw]) => raw.status !== "cancelled")) {
    const total = raw.items.reduce((sum, item) => sum + item.quantity * Number(item.price), 0);
    expect(record).toMatchObject({ id: raw.id, total_cents: Math.round(total * 100) });
    expect(record?.customer).toMatch(/^[a-z]+@example\.com$/);
  }
});
