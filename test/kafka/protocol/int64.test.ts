import { expect, test } from "vitest";
import { ByteReader, ByteWriter } from "../../../src/kafka/protocol/bytes.ts";
import { batchesIn } from "../../../src/kafka/records/batch-header.ts";
import { parseTimestamp } from "../../../src/kafka/protocol/int64.ts";

const int64 = (value: bigint): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(value);
  return bytes;
};

test.each([0, -1, 2 ** 53 - 1, -(2 ** 53 - 1)])("INT64 %s is read and written", (value) => {
  const bytes = new ByteWriter().int64(value).finish();
  expect(bytes).toEqual(int64(BigInt(value)));
  expect(new ByteReader(bytes).int64()).toBe(value);
});

test.each([2n ** 53n, 2n ** 53n + 1n, -(2n ** 53n), 2n ** 63n - 1n])(
  "rejects offset %s, which a number can't hold",
  (value) => {
    const reason = expect.objectContaining({ why: expect.stringContaining(`${value}`) });
    expect(() => new ByteReader(int64(value)).int64()).toThrow(reason);
    const batch = Buffer.alloc(61);
    int64(value).copy(batch);
    batch.writeInt32BE(49, 8);
    expect(() => batchesIn(batch)).toThrow(reason);
  },
);

test.each([
  ["4503599627370495", 2 ** 52 - 1],
  ["-4503599627370496", -(2n ** 52n)],
  ["-9223372036854775808", -(2n ** 63n)],
  ["9223372036854775808", undefined],
  ["1.0", undefined],
  ["1e3", undefined],
  ["", undefined],
])("timestamp %j is %s", (text, timestamp) => {
  expect(parseTimestamp(text)).toBe(timestamp);
});
