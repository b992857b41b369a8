import { DpError } from "../../errors.ts";

/**
 * Epoch milliseconds as Kafka stores them: 64 bits. A number up to 2^52 - 1 in either direction, so that
 * sums and zigzag encodings of two are exact and usual records cost no bigint; a bigint beyond.
 */
export type Timestamp = number | bigint;

const largestNumber = 2 ** 52 - 1;

/** Whether a timestamp is a number; a rounded number that is in this range is exact. */
export function isNumberTimestamp(value: number): boolean {
  return value <= largestNumber && value >= -largestNumber;
}

/** An INT64 as it is. */
export function readTimestamp(bytes: Buffer, at: number): Timestamp {
  const value = roundedInt64(bytes, at);
  return isNumberTimestamp(value) ? value : bytes.readBigInt64BE(at);
}

/**
 * An INT64 that is an offset, a size or an id. Throws DpError beyond 2^53 - 1, which no broker reaches:
 * the number would not be exact.
 */
export function readInt64(bytes: Buffer, at: number): number {
  const value = roundedInt64(bytes, at);
  if (Number.isSafeInteger(value)) return value;
  throw new DpError({
    code: "kafka-failed",
    message: "can't read what the broker sent",
    why: `it contains the number ${bytes.readBigInt64BE(at)}, which is beyond 2^53 - 1`,
  });
}

function roundedInt64(bytes: Buffer, at: number): number {
  return bytes.readInt32BE(at) * 0x1_0000_0000 + bytes.readUInt32BE(at + 4);
}

/** Wraps at 64 bits, as Kafka's own clients do. */
export function sumOfTimestamps(a: Timestamp, b: Timestamp): Timestamp {
  if (typeof a === "number" && typeof b === "number" && isNumberTimestamp(a + b)) return a + b;
  return toTimestamp(BigInt.asIntN(64, BigInt(a) + BigInt(b)));
}

/** `a - b`, wrapped at 64 bits. */
export function differenceOfTimestamps(a: Timestamp, b: Timestamp): Timestamp {
  if (typeof a === "number" && typeof b === "number" && isNumberTimestamp(a - b)) return a - b;
  return toTimestamp(BigInt.asIntN(64, BigInt(a) - BigInt(b)));
}

/** A whole number in decimal digits; undefined for other texts and for more than 64 bits. */
export function parseTimestamp(text: string): Timestamp | undefined {
  if (!/^-?\d{1,19}$/.test(text)) return undefined;
  if (text.length <= 15) return Number(text);
  const value = BigInt(text);
  return BigInt.asIntN(64, value) === value ? toTimestamp(value) : undefined;
}

function toTimestamp(value: bigint): Timestamp {
  const number = Number(value);
  return isNumberTimestamp(number) ? number : value;
}
