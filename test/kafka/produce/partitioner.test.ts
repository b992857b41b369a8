import { expect, test } from "vitest";
import { murmur2, partitionOfKey } from "../../../src/kafka/produce/partitioner.ts";

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
