import { crc32c } from "@node-rs/crc32";
import { expect, test } from "vitest";
import { decodeRecords } from "../../../src/kafka/read/decoder.ts";
import {
  BatchBuilder,
  loadPacking,
  sourceRecord,
  stampBatch,
} from "../../../src/kafka/produce/encoder.ts";
import type { StoredRecord } from "../../../src/kafka/records/stored-record.ts";

const packing = await loadPacking("none");
const record = (value: string) =>
  sourceRecord({ key: null, value: Buffer.from(value), headers: [] });

test("a batch must carry its producer, and a checksum that covers it", () => {
  const builder = new BatchBuilder(Buffer.alloc(70));
  builder.append(record("a"), 1000);
  builder.append(record("b"), 2000);
  const batch = builder.finish(packing);
  stampBatch(batch, { producerId: 2 ** 40, epoch: 3, sequence: 2 ** 31 - 1 });
  expect(batch.readInt32BE(8)).toBe(batch.length - 12);
  expect(batch.readBigInt64BE(35)).toBe(2000n);
  expect(batch.readBigInt64BE(43)).toBe(2n ** 40n);
  expect(batch.readInt16BE(51)).toBe(3);
  expect(batch.readInt32BE(53)).toBe(2 ** 31 - 1);
  expect(batch.readUInt32BE(17)).toBe(crc32c(batch.subarray(21)));
  stampBatch(batch);
  expect(batch.readBigInt64BE(43)).toBe(-1n);
  expect(batch.readUInt32BE(17)).toBe(crc32c(batch.subarray(21)));
});

test("timestamps at both ends of 64 bits come back exact beside each other", () => {
  const times = [
    1_795_341_600_000,
    2n ** 63n - 1n,
    -1,
    1_790_000_000_123_456_789n,
    -(2n ** 63n),
    2 ** 52 - 1,
    -(2 ** 52 - 1),
    2n ** 53n + 1n,
    0,
  ];
  for (const [from] of times.entries()) {
    const turned = [...times.slice(from), ...times.slice(0, from)];
    const builder = new BatchBuilder();
    for (const timestamp of turned) builder.append({ ...record("v"), timestamp }, 0);
    const found: StoredRecord[] = [];
    const bytes = builder.finish(packing);
    decodeRecords({ topic: "", partition: 0, bytes, from: 0, until: Infinity }, found);
    expect(found.map(({ timestamp }) => timestamp)).toEqual(turned);
  }
});

test("records must come back whole, whatever their size and where their bytes lie", () => {
  const sizes = [0, 1, 47, 48, 49, 63, 64, 127, 128, 8191, 8192, 300_000];
  const bytes = Buffer.alloc(400_000, "abcdefghijk");
  const builder = new BatchBuilder(Buffer.alloc(70));
  for (const [index, valueLength] of sizes.entries()) {
    builder.append({ key: null, bytes, valueAt: index, valueLength, headers: [] }, index * 1e9);
  }
  const batch = builder.finish(packing);
  stampBatch(batch);
  const found: StoredRecord[] = [];
  const range = { from: 0, until: Infinity, crc32c };
  decodeRecords({ topic: "", partition: 0, bytes: batch, ...range }, found);
  const isWhole = found.map(({ value }, index) =>
    value?.equals(bytes.subarray(index, index + (sizes[index] ?? 0))),
  );
  expect(isWhole).toEqual(sizes.map(() => true));
  expect(found.map(({ timestamp }) => timestamp)).toEqual(sizes.map((_, index) => index * 1e9));
});
