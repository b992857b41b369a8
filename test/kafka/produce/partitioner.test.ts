import { expect, test } from "vitest";
import { murmur2, partitionOfKey } from "../../../src/kafka/produce/partitioner.ts";
import { crc32c } from "../../../src/kafka/wire/crc32c.ts";

/** From the tests of Java's clients: UtilsTest.testMurmur2. */
test.each([
  ["21", -973_932_308],
  ["foobar", -790_332_482],
  ["a-little-bit-long-string", -985_981_536],
  ["a-little-bit-longer-string", -1_486_304_829],
  ["lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58_897_971],
  ["abc", 479_470_107],
])("murmur2 of %s must be that of Java", (text, hash) => {
  expect(murmur2(Buffer.from(text))).toBe(hash);
});

test("a key must always go to the same partition, and keys to all of them", () => {
  const keys = Array.from({ length: 100 }, (_, index) => Buffer.from(`key-${index}`));
  expect(new Set(keys.map((key) => partitionOfKey(key, 6)))).toEqual(new Set([0, 1, 2, 3, 4, 5]));
});

test("crc32c must match the published check value", () => {
  expect(crc32c(Buffer.from("123456789"))).toBe(0xe3069283);
  expect(crc32c(Buffer.alloc(32))).toBe(0x8a9136aa);
  expect(crc32c(Buffer.alloc(32, 0xff))).toBe(0x62a8ab43);
  expect(crc32c(Buffer.from(Array.from({ length: 32 }, (_, index) => index)))).toBe(0x46dd794e);
});

test("crc32c must not depend on where the bytes lie in memory, or where it begins", () => {
  const text = Buffer.from("a text that is longer than eight bytes, and 123456789");
  const expected = [...text].reduce((crc, byte) => {
    let next = crc ^ byte;
    for (let bit = 0; bit < 8; bit++) next = (next >>> 1) ^ ((next & 1) === 1 ? 0x82f63b78 : 0);
    return next;
  }, -1);
  for (let shift = 0; shift < 9; shift++) {
    const moved = Buffer.concat([Buffer.alloc(shift, 1), text]);
    expect(crc32c(moved, shift)).toBe(~expected >>> 0);
    expect(crc32c(moved.subarray(shift))).toBe(~expected >>> 0);
  }
  expect(crc32c(Buffer.alloc(0))).toBe(0);
});
