import type { NewRecord } from "../../src/kafka/records/record.ts";
import { sumOfTimestamps } from "../../src/kafka/protocol/int64.ts";
import type { Random } from "./random.ts";

const texts = [
  "",
  "plain",
  "ü€😀",
  '{"id":1,"name":"\\u0000"}',
  '{"base64":"/wA="}',
  '{ "id": 9007199254740993, "price": 1.10, "a": 1e400, "a": 2 }',
  "line\nfeed\r\n\ttab",
  '"quotes" and \\ backslashes \\n',
  "\u0000\u0007\u001B[31m\u007F\u009B",
  "\u2028\u2029\uFEFF\uFFFD",
  "null",
];

/** Text, bytes that are none, empty, or null. */
function randomBytes(random: Random): Buffer | null {
  switch (random.below(5)) {
    case 0:
      return null;
    case 1:
      return Buffer.from(Array.from({ length: random.below(40) }, () => random.below(256)));
    case 2:
      return Buffer.from(random.pick(texts) + random.word());
    case 3:
      // UTF-8 that is cut off in a letter.
      return Buffer.from(`${random.word()}€`).subarray(0, -1 - random.below(2));
    default:
      return Buffer.from(random.pick(texts));
  }
}

/** A header's key is never null; where it is UTF-8 it is a string. */
function randomHeader(random: Random): NewRecord["headers"][number] {
  const name = random.pick(["a", "a", "b", "", "ü", "with space", random.word()]);
  const key = random.below(10) === 0 ? Buffer.from([0x68, 0xff, random.below(128)]) : name;
  return { key, value: randomBytes(random) };
}

/** Up to what 64 bits hold: some clients count nanoseconds where Kafka means milliseconds. */
const times = [
  -1,
  0,
  1,
  1_795_341_600_000,
  1_795_341_600_001,
  4_102_444_800_000,
  2 ** 52 - 2,
  2n ** 52n,
  2n ** 53n,
  1_790_000_000_123_456_789n,
  2n ** 63n - 2n,
];

/** Anything that a broker takes. */
export function randomRecord(random: Random): NewRecord {
  const headers = random.below(2) === 0 ? 0 : random.below(5);
  return {
    key: randomBytes(random),
    value: randomBytes(random),
    headers: Array.from({ length: headers }, () => randomHeader(random)),
    timestamp: sumOfTimestamps(random.pick(times), random.below(2)),
  };
}
