import { expect, test } from "vitest";
import { loadPacking, sourceRecord } from "../../../src/kafka/produce/encoder.ts";
import { appendRecord, createLane } from "../../../src/kafka/produce/lane.ts";

test("makes batches that grow up to the limit, and keeps the records in order", async () => {
  const lane = createLane(0, 1);
  const style = { packing: await loadPacking("none"), maxBytes: 200_000, now: 0 };
  const record = sourceRecord({ key: null, value: Buffer.alloc(1000), headers: [] });
  for (let line = 1; line <= 2000; line++) appendRecord(lane, { ...record, line }, style);
  const sizes = lane.queue.map(({ bytes }) => bytes.length);
  expect(sizes[0]).toBeLessThan(20_000);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(style.maxBytes);
  expect(sizes.at(-1)).toBeGreaterThan(style.maxBytes - 2000);
  for (const [index, size] of sizes.entries()) {
    expect(size).toBeLessThan(5 * (sizes[index - 1] ?? size));
  }
  const lines = lane.queue.flatMap((batch) => batch.lines);
  expect([...lines, ...lane.openLines]).toEqual(Array.from({ length: 2000 }, (_, at) => at + 1));
});

test("takes in a record that is larger than the limit alone", async () => {
  const lane = createLane(0, 1);
  const style = { packing: await loadPacking("none"), maxBytes: 10_000, now: 0 };
  for (const size of [10, 50_000, 10]) {
    appendRecord(lane, sourceRecord({ key: null, value: Buffer.alloc(size), headers: [] }), style);
  }
  expect(lane.queue.map(({ records }) => records)).toEqual([1, 1]);
});
