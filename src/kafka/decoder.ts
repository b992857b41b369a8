import { unpack, UnknownCodec } from "./codecs.ts";
import { Cursor, StoredRecord } from "./stored-record.ts";

/*
 * What a Fetch answer holds for a partition: batches one after another, the last perhaps cut off
 * (kafka.apache.org/documentation/#recordbatch).
 *
 *   batch    baseOffset INT64, length INT32 (of all that follows), leaderEpoch INT32, magic INT8 (2),
 *            crc UINT32, attributes INT16, lastOffsetDelta INT32, baseTimestamp INT64,
 *            maxTimestamp INT64, producerId INT64, producerEpoch INT16, baseSequence INT32,
 *            count INT32, records (compressed as a whole)
 *   attributes  bits 0-2 codec, bit 3 the batch's maxTimestamp is every record's (append time),
 *            bit 4 transactional, bit 5 control batch (no user records)
 *   record   length VARINT, attributes INT8, timestampDelta VARLONG, offsetDelta VARINT,
 *            keyLength VARINT (-1 = null), key, valueLength VARINT (-1 = null), value,
 *            headerCount VARINT, headers
 *   header   keyLength VARINT, key UTF-8, valueLength VARINT (-1 = null), value
 *
 * VARINT and VARLONG are zigzag encoded. Lengths and deltas of offsets fit into 32 bits.
 */
const lengthAt = 8;
const magicAt = 16;
const attributesAt = 21;
const lastOffsetDeltaAt = 23;
const baseTimestampAt = 27;
const maxTimestampAt = 35;
const countAt = 57;
const recordsAt = 61;

export interface PartitionBytes {
  readonly topic: string;
  readonly partition: number;
  /** The records of a Fetch answer. */
  readonly bytes: Buffer;
  /** Records before this offset are left out: a broker sends whole batches. */
  readonly from: number;
  /** Records at this offset and after it are left out. */
  readonly until: number;
}

/**
 * Appends the records to `into`, without copying keys and values: they are views of `bytes`. Control
 * batches are skipped. Records that can't be decoded appear with a `problem`. Returns the offset to
 * fetch next, `from` when there is no whole batch.
 */
export function decodeRecords(source: PartitionBytes, into: StoredRecord[]): number {
  const { bytes } = source;
  let next = source.from;
  let at = 0;
  while (at + recordsAt <= bytes.length || (at + magicAt < bytes.length && at === 0)) {
    const end = at + lengthAt + 4 + bytes.readInt32BE(at + lengthAt);
    if (end > bytes.length || end <= at + magicAt) break;
    const baseOffset = readInt64(bytes, at);
    const magic = bytes.readInt8(at + magicAt);
    if (magic !== 2) {
      // Message sets of Kafka before 0.11: one entry, whose offset is that of its last record.
      if (baseOffset >= next && baseOffset < source.until) {
        into.push(unreadable(source, { offset: baseOffset, problem: `record format ${magic}` }));
      }
      next = Math.max(next, baseOffset + 1);
    } else {
      if (baseOffset < source.until) decodeBatch(source, { at, end, from: next }, into);
      next = Math.max(next, baseOffset + bytes.readInt32BE(at + lastOffsetDeltaAt) + 1);
    }
    at = end;
  }
  return next;
}

function decodeBatch(
  source: PartitionBytes,
  batch: { at: number; end: number; from: number },
  into: StoredRecord[],
): void {
  const { topic, partition, until } = source;
  const { at, from } = batch;
  const header = source.bytes;
  const attributes = header.readInt16BE(at + attributesAt);
  if ((attributes & 0x20) !== 0) return;
  const baseOffset = readInt64(header, at);
  const count = header.readInt32BE(at + countAt);
  const baseTimestamp = readInt64(header, at + baseTimestampAt);
  const appendTime = (attributes & 0x08) !== 0 ? readInt64(header, at + maxTimestampAt) : undefined;
  const sizeBefore = into.length;
  try {
    const packed = header.subarray(at + recordsAt, batch.end);
    const cursor = new Cursor(unpack(packed, attributes & 0x07), 0);
    for (let left = count; left > 0; left--) {
      const length = cursor.varint();
      const end = cursor.at + length;
      if (length < 6 || end > cursor.bytes.length) throw new RangeError("a record is cut off");
      cursor.at++;
      const timestamp = baseTimestamp + cursor.varlong();
      const offset = baseOffset + cursor.varint();
      if (offset >= from && offset < until) {
        const keyLength = cursor.varint();
        const keyAt = cursor.at;
        if (keyLength > 0) cursor.at += keyLength;
        const valueLength = cursor.varint();
        const valueAt = cursor.at;
        if (valueLength > 0) cursor.at += valueLength;
        if (cursor.at >= end) throw new RangeError("a record is cut off");
        into.push(
          new StoredRecord({
            topic,
            partition,
            offset,
            timestamp: appendTime ?? timestamp,
            bytes: cursor.bytes,
            keyAt,
            keyLength,
            valueAt,
            valueLength,
            headersAt: cursor.at,
            problem: undefined,
          }),
        );
      }
      cursor.at = end;
    }
  } catch (error) {
    into.length = sizeBefore;
    const problem = error instanceof UnknownCodec ? error.message : "damaged batch";
    const last = baseOffset + header.readInt32BE(at + lastOffsetDeltaAt);
    const timestamp = appendTime ?? baseTimestamp;
    for (let offset = Math.max(from, baseOffset); offset <= last && offset < until; offset++) {
      into.push(unreadable(source, { offset, problem, timestamp }));
    }
  }
}

function unreadable(
  source: PartitionBytes,
  what: { offset: number; problem: string; timestamp?: number },
): StoredRecord {
  return new StoredRecord({
    topic: source.topic,
    partition: source.partition,
    offset: what.offset,
    timestamp: what.timestamp ?? -1,
    bytes: nothing,
    keyAt: 0,
    keyLength: -1,
    valueAt: 0,
    valueLength: -1,
    headersAt: 0,
    problem: `cannot decode (${what.problem})`,
  });
}

/** One header count of 0. */
const nothing = Buffer.from([0]);

function readInt64(bytes: Buffer, at: number): number {
  return bytes.readInt32BE(at) * 0x1_0000_0000 + bytes.readUInt32BE(at + 4);
}
