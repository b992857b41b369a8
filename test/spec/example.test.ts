import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { parseSeedLine } from "../../src/kafka/record.ts";
import { loadStack } from "../../src/spec/load.ts";

const example = path.join(import.meta.dirname, "..", "..", "examples", "stream");

async function generate(...args: string[]): Promise<string> {
  const script = path.join(example, "generate-orders.mjs");
  const { stdout } = await promisify(execFile)(process.execPath, [script, ...args], {
    maxBuffer: 2 ** 24,
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
    const { key, value } = parseSeedLine(line);
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

test("the example must be valid: one ZooKeeper, three brokers, a seeded topic", async () => {
  const loaded = await loadStack({ cwd: example, env: {} });
  expect(loaded.ok && loaded.stack).toMatchObject({
    name: "stream",
    zookeeper: { port: 2181 },
    kafka: { mode: "zookeeper", version: "3.9.2", ports: [9092, 10_092, 11_092] },
    topics: [
      { name: "orders", partitions: 3, replication: 3, config: { "retention.ms": "604800000" } },
      { name: "order-status", config: { "cleanup.policy": "compact" } },
      { name: "returns", partitions: 1, replication: 3 },
    ],
  });
});
