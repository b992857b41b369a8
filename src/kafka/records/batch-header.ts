import { readInt64, readTimestamp, type Timestamp } from "../protocol/int64.ts";

/*
 * What a Fetch answer holds for a partition: batches one after another, the last perhaps cut off
 * (kafka.apache.org/documentation/#recordbatch).
 *
 *   batch    baseOffset INT64, length INT32 (of all that follows), leaderEpoch INT32, magic INT8 (2),
 *            crc UINT32 (of all that follows it), attributes INT16, lastOffsetDelta INT32,
 *            baseTimestamp INT64, maxTimestamp INT64, producerId INT64, producerEpoch INT16,
 *            baseSequence INT32, count INT32, records (compressed as a whole)
 *   attributes  bits 0-2 codec, bit 3 the batch's maxTimestamp is every record's (append time),
 *            bit 4 transactional, bit 5 control batch (no user records)
 */
const lengthAt = 8;
const magicAt = 16;
const crcAt = 17;
const attributesAt = 21;
const lastOffsetDeltaAt = 23;
const baseTimestampAt = 27;
const maxTimestampAt = 35;
const producerIdAt = 43;
const countAt = 57;
const recordsAt = 61;

/** The format since Kafka 0.11; what is older is told, not read. */
export const currentMagic = 2;

/** Where a batch lies in the bytes and in the log, and how it is to be read. */
export interface BatchHeader {
  /** The bytes that it lies in, from `at` to `end`. */
  readonly bytes: Buffer;
  readonly at: number;
  readonly end: number;
  /** The offset of the first record that was in it. */
  readonly base: number;
  /** The offset of the last one. */
  readonly last: number;
  /** What follows is 0 for other formats than the current one. */
  readonly magic: number;
  readonly codec: number;
  readonly isTransactional: boolean;
  readonly isControl: boolean;
}

/** The batches that are there as a whole, in their order. */
export function batchesIn(bytes: Buffer): BatchHeader[] {
  const batches: BatchHeader[] = [];
  for (let at = 0; at + magicAt < bytes.length;) {
    const end = at + lengthAt + 4 + bytes.readInt32BE(at + lengthAt);
    if (end > bytes.length || end <= at + magicAt) break;
    const base = readInt64(bytes, at);
    const magic = bytes.readInt8(at + magicAt);
    const isWhole = magic === currentMagic && end >= at + recordsAt;
    const attributes = isWhole ? bytes.readInt16BE(at + attributesAt) : 0;
    batches.push({
      bytes,
      at,
      end,
      base,
      // A message set of Kafka before 0.11 is one entry, whose offset is that of its last record.
      last: isWhole ? base + Math.max(0, bytes.readInt32BE(at + lastOffsetDeltaAt)) : base,
      magic: isWhole ? magic : Math.min(magic, 1),
      codec: attributes & 0x07,
      isTransactional: (attributes & 0x10) !== 0,
      isControl: (attributes & 0x20) !== 0,
    });
    at = end;
  }
  return batches;
}

/** The offset to fetch after the batches; `from` when there is none. */
export function offsetAfter(batches: readonly BatchHeader[], from: number): number {
  if (batches.length === 0) return from;
  let next = from;
  for (const { last } of batches) next = Math.max(next, last + 1);
  // Batches that all claim to lie before `from` are damaged: asking for it again would not end.
  return next === from ? from + 1 : next;
}

/** The records as they were packed. */
export function packedRecords({ bytes, at, end }: BatchHeader): Buffer {
  return bytes.subarray(at + recordsAt, end);
}

export function recordCount({ bytes, at }: BatchHeader): number {
  return bytes.readInt32BE(at + countAt);
}

/** Epoch milliseconds, from which those of the records are counted. */
export function baseTimestamp({ bytes, at }: BatchHeader): Timestamp {
  return readTimestamp(bytes, at + baseTimestampAt);
}

/** The time that every record has, when the broker set it; else undefined. */
export function appendTimestamp({ bytes, at }: BatchHeader): Timestamp | undefined {
  const isSet = (bytes.readInt16BE(at + attributesAt) & 0x08) !== 0;
  return isSet ? readTimestamp(bytes, at + maxTimestampAt) : undefined;
}

/** -1 when it has none. */
export function producerId({ bytes, at }: BatchHeader): number {
  return readInt64(bytes, at + producerIdAt);
}

/** The CRC-32C that it tells, and the bytes that it is of. */
export function checksum({ bytes, at, end }: BatchHeader): { told: number; of: Buffer } {
  return { told: bytes.readUInt32BE(at + crcAt), of: bytes.subarray(at + attributesAt, end) };
}
