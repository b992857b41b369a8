import { expect, test } from "vitest";
import { collectBatches } from "../../src/kafka/produce-batches.ts";
import type { NewRecord } from "../../src/kafka/record.ts";

const record = (value: string): NewRecord => ({
  key: null,
  value: Buffer.from(value),
  headers: [],
});

async function sizes(
  source: AsyncIterable<NewRecord> | Iterable<NewRecord>,
  limits: { maxRecords: number; maxBytes: number },
): Promise<number[]> {
  const found: number[] = [];
  for await (const group of collectBatches(source, { ...limits, lingerMs: 5 })) {
    found.push(group.records.length);
  }
  return found;
}

test("a group must be full at the number of records or of bytes", async () => {
  const five = Array.from({ length: 5 }, () => record("12345"));
  expect(await sizes(five, { maxRecords: 2, maxBytes: 1000 })).toEqual([2, 2, 1]);
  expect(await sizes(five, { maxRecords: 100, maxBytes: 15 })).toEqual([3, 2]);
  expect(await sizes([], { maxRecords: 2, maxBytes: 10 })).toEqual([]);
});

test("a record must not wait for one that does not come", async () => {
  async function* slow() {
    yield record("a");
    yield record("b");
    await new Promise((resolve) => setTimeout(resolve, 60));
    yield record("c");
  }
  expect(await sizes(slow(), { maxRecords: 100, maxBytes: 1000 })).toEqual([2, 1]);
});

test("an error of the source must come after the records before it", async () => {
  async function* failing() {
    yield record("a");
    throw new Error("bad line");
  }
  const seen: number[] = [];
  const reading = async () => {
    const limits = { maxRecords: 10, maxBytes: 100, lingerMs: 5 };
    for await (const group of collectBatches(failing(), limits)) seen.push(group.records.length);
  };
  await expect(reading()).rejects.toThrow("bad line");
  expect(seen).toEqual([1]);
});
