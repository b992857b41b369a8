import { withoutAborted } from "./aborted.ts";
import {
  appendTimestamp,
  baseTimestamp,
  batchesIn,
  checksum,
  currentMagic,
  offsetAfter,
  packedRecords,
  recordCount,
  type BatchHeader,
} from "../records/batch-header.ts";
import { compressions, type Codec } from "../records/codecs.ts";
import type { Checksum } from "../records/crc32c.ts";
import { Cursor, StoredRecord, type StoredBatch } from "../records/stored-record.ts";
import type { Timestamp } from "../protocol/int64.ts";
import type { AbortedTransaction } from "../protocol/read-requests.ts";

/*
 * The records of a batch (kafka.apache.org/documentation/#record); batch-header.ts has what is before.
 *
 *   record   length VARINT, attributes INT8, timestampDelta VARLONG, offsetDelta VARINT,
 *            keyLength VARINT (-1 = null), key, valueLength VARINT (-1 = null), value,
 *            headerCount VARINT, headers
 *   header   keyLength VARINT, key UTF-8, valueLength VARINT (-1 = null), value
 *
 * VARINT and VARLONG are zigzag encoded. Lengths and deltas of offsets fit into 32 bits.
 */

export interface PartitionBytes {
  readonly topic: string;
  readonly partition: number;
  /** The records of a Fetch answer. */
  readonly bytes: Buffer;
  /** Records before this offset are left out: a broker sends whole batches. */
  readonly from: number;
  /** Records at this offset and after it are left out. */
  readonly until: number;
  /** Transactions whose records are left out, as the Fetch answer names them. */
  readonly aborted?: readonly AbortedTransaction[];
  /** Those that the batches need, by the number that they tell. */
  readonly codecs?: ReadonlyMap<number, Codec>;
  /** CRC-32C, the checksum of batches: one that does not match its own counts as damaged. */
  readonly crc32c?: Checksum;
}

/**
 * Appends the records to `into`, without copying keys and values: they are views of `bytes`. Control
 * batches are skipped. A batch that can't be decoded appears as one record with a `problem`. Returns the
 * offset to fetch next, `from` when there is no whole batch.
 */
export function decodeRecords(source: PartitionBytes, into: StoredRecord[]): number {
  const batches = batchesIn(source.bytes);
  for (const part of decodeInParts(source, batches)) {
    for (const record of part) into.push(record);
  }
  return offsetAfter(batches, source.from);
}

/** So many records are given at once, and the rest of a batch. */
const partRecords = 2000;

/**
 * The records of the batches as `decodeRecords` gives them, in parts: what is unpacked and not yet worked
 * on takes many times the room of what was fetched.
 */
export function* decodeInParts(
  source: PartitionBytes,
  batches: readonly BatchHeader[],
): Generator<StoredRecord[], void, void> {
  const { from, until, aborted = [] } = source;
  let next = from;
  let part: StoredRecord[] = [];
  for (const batch of withoutAborted(batches, aborted)) {
    if (batch.last < next || batch.base >= until || batch.isControl) continue;
    appendBatch(source, { batch, from: Math.max(next, batch.base) }, part);
    next = batch.last + 1;
    if (part.length < partRecords) continue;
    yield part;
    part = [];
  }
  const isStuck = batches.length > 0 && batches.every(({ last }) => last < from);
  if (isStuck) part.push(unreadable(source, { offset: from, problem: "damaged batch" }));
  if (part.length > 0) yield part;
}

interface WantedBatch {
  readonly batch: BatchHeader;
  readonly from: number;
}

function appendBatch(source: PartitionBytes, wanted: WantedBatch, into: StoredRecord[]): void {
  const { batch, from } = wanted;
  const sizeBefore = into.length;
  try {
    if (batch.magic !== currentMagic) throw new Error(`record format ${batch.magic}`);
    if (source.crc32c) checkCrc(batch, source.crc32c);
    const { topic, partition, until } = source;
    const stored: StoredBatch = {
      topic,
      partition,
      bytes: unpackBatch(source, batch),
      base: batch.base,
      baseTimestamp: baseTimestamp(batch),
      appendTimestamp: appendTimestamp(batch),
      problem: undefined,
    };
    appendRecords(stored, { count: recordCount(batch), from, until }, into);
  } catch (error) {
    into.length = sizeBefore;
    const { base, last } = batch;
    const reason = error instanceof Error ? error.message : String(error);
    const offsets = last === base ? `offset ${base}` : `offsets ${base} to ${last}`;
    const timestamp = batch.magic === currentMagic ? baseTimestamp(batch) : -1;
    into.push(unreadable(source, { offset: from, problem: `${offsets}: ${reason}`, timestamp }));
  }
}

function checkCrc(batch: BatchHeader, crc32c: Checksum): void {
  const { told, of } = checksum(batch);
  const found = crc32c(of);
  if (told !== found) throw new Error(`its checksum is ${hex(found)}, it says ${hex(told)}`);
}

function hex(checksum: number): string {
  return checksum.toString(16).padStart(8, "0");
}

function unpackBatch(source: PartitionBytes, batch: BatchHeader): Buffer {
  const packed = packedRecords(batch);
  if (batch.codec === 0) return packed;
  const codec = source.codecs?.get(batch.codec);
  if (codec === undefined) throw new Error(compressions[batch.codec] ?? `codec ${batch.codec}`);
  return codec.unpack(packed);
}

function appendRecords(
  batch: StoredBatch,
  wanted: { readonly count: number; readonly from: number; readonly until: number },
  into: StoredRecord[],
): void {
  const { bytes, base } = batch;
  const { count, from, until } = wanted;
  const cursor = new Cursor(bytes, 0);
  for (let left = count; left > 0; left--) {
    const length = cursor.varint();
    const end = cursor.at + length;
    if (length < 6 || end > bytes.length) throw new RangeError("a record is cut off");
    cursor.at++;
    const timeAt = cursor.at;
    cursor.skipVarlong();
    const delta = cursor.varint();
    const offset = base + delta;
    if (offset >= from && offset < until) {
      const keyLength = cursor.varint();
      const keyAt = cursor.at;
      if (keyLength > 0) cursor.at += keyLength;
      const valueLength = cursor.varint();
      const valueAt = cursor.at;
      if (valueLength > 0) cursor.at += valueLength;
      if (cursor.at >= end) throw new RangeError("a record is cut off");
      const layout = { delta, timeAt, keyAt, keyLength, valueAt, valueLength };
      into.push(new StoredRecord(batch, layout));
    }
    cursor.at = end;
  }
}

function unreadable(
  source: PartitionBytes,
  what: { offset: number; problem: string; timestamp?: Timestamp },
): StoredRecord {
  const batch: StoredBatch = {
    topic: source.topic,
    partition: source.partition,
    bytes: nothing,
    base: what.offset,
    baseTimestamp: what.timestamp ?? -1,
    problem: `cannot decode (${what.problem})`,
  };
  const layout = { delta: 0, timeAt: -1, keyAt: 0, keyLength: -1, valueAt: 0, valueLength: -1 };
  return new StoredRecord(batch, layout);
}

/** One header count of 0. */
const nothing = Buffer.from([0]);
