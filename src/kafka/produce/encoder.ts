import { ByteSink } from "../records/byte-sink.ts";
import { compressions, loadCodec, type Codec, type Compression } from "../records/codecs.ts";
import { crc32c } from "../records/crc32c.ts";
import type { NewRecord } from "../records/record.ts";
import { differenceOfTimestamps, type Timestamp } from "../protocol/int64.ts";

/** How the records of a batch are packed. */
export interface Packing {
  readonly compression: Compression;
  readonly codec: Codec;
}

export async function loadPacking(compression: Compression): Promise<Packing> {
  return { compression, codec: await loadCodec(compression) };
}

/** Who wrote a batch, and its number: what makes writing it a second time harmless. */
export interface ProducerStamp {
  readonly producerId: number;
  readonly epoch: number;
  /** Of the batch's first record, among those of this producer in the partition. */
  readonly sequence: number;
}

/**
 * A record whose value lies somewhere in `bytes`: a buffer for each of a million lines would take more
 * time than writing them. StoredRecord is one, too.
 */
export interface SourceRecord {
  readonly key: Buffer | null;
  readonly bytes: Buffer;
  readonly valueAt: number;
  /** -1 is null, a tombstone. */
  readonly valueLength: number;
  readonly headers: NewRecord["headers"];
  readonly partition?: number | undefined;
  /** Epoch milliseconds; undefined is now. */
  readonly timestamp?: Timestamp | undefined;
  /** Where it stood in what was read, counted from 1; it names a record that can't be written. */
  readonly line?: number | undefined;
}

const nothing = Buffer.alloc(0);

export function sourceRecord(record: NewRecord): SourceRecord {
  const { key, value, headers, partition, timestamp } = record;
  const valueLength = value?.length ?? -1;
  return { key, bytes: value ?? nothing, valueAt: 0, valueLength, headers, partition, timestamp };
}

const noProducer: ProducerStamp = { producerId: -1, epoch: -1, sequence: -1 };

/** Where the parts of a batch stand; batch-header.ts has the whole grammar. */
const lengthAt = 8;
const crcAt = 17;
const attributesAt = 21;
const producerIdAt = 43;
const epochAt = 51;
const sequenceAt = 53;
const countAt = 57;
export const recordsAt = 61;

/** Collects the records of one batch, each encoded at once, so that nothing else of them is kept. */
export class BatchBuilder {
  count = 0;
  private readonly sink: ByteSink;
  private baseTimestamp: Timestamp = 0;
  private maxTimestamp: Timestamp = 0;

  /** The memory is written to, and grows when it is too small. */
  constructor(memory: Buffer = Buffer.allocUnsafeSlow(16 * 1024)) {
    this.sink = new ByteSink(memory);
    this.sink.skip(recordsAt);
  }

  /** Of the batch so far, with its header, before it is packed. */
  get size(): number {
    return this.sink.size;
  }

  /** A record without a timestamp gets `now` (epoch milliseconds). */
  append(record: SourceRecord, now: Timestamp): void {
    const { key, headers, valueLength } = record;
    const timestamp = record.timestamp ?? now;
    if (this.count === 0) this.baseTimestamp = this.maxTimestamp = timestamp;
    this.maxTimestamp = timestamp > this.maxTimestamp ? timestamp : this.maxTimestamp;
    const timestampDelta = asInteger(differenceOfTimestamps(timestamp, this.baseTimestamp));
    const named = headers.length === 0 ? noHeaders : headers.map(encodeHeader);
    const { sink } = this;
    sink.varint(
      1 +
        sizeOfDelta(timestampDelta) +
        sizeOfVarint(this.count) +
        sizeOfBytes(key) +
        sizeOfVarint(valueLength) +
        Math.max(0, valueLength) +
        (named.length === 0 ? 1 : sizeOfHeaders(named)),
    );
    // Attributes, of which there are none, and which as a byte read like the varint.
    sink.varint(0);
    if (typeof timestampDelta === "number") sink.varint(timestampDelta);
    else sink.wideVarint(timestampDelta);
    sink.varint(this.count);
    this.bytesOrNull(key);
    sink.varint(valueLength);
    if (valueLength > 0) sink.bytes(record.bytes, record.valueAt, record.valueAt + valueLength);
    sink.varint(named.length);
    if (named.length > 0) this.appendHeaders(named);
    this.count++;
  }

  /**
   * The batch, packed, of at least one record; it has no checksum until `stampBatch`. The builder must
   * not be used afterwards.
   */
  finish({ compression, codec }: Packing): Buffer {
    let batch = this.sink.collected();
    if (compression !== "none") {
      const packed = codec.pack(batch.subarray(recordsAt));
      batch = Buffer.allocUnsafeSlow(recordsAt + packed.length);
      packed.copy(batch, recordsAt);
    }
    batch.fill(0, 0, lengthAt);
    batch.writeInt32BE(batch.length - lengthAt - 4, lengthAt);
    // Leader epoch -1, format 2.
    batch.writeInt32BE(-1, lengthAt + 4);
    batch.writeInt8(2, lengthAt + 8);
    batch.writeInt16BE(compressions.indexOf(compression), attributesAt);
    batch.writeInt32BE(this.count - 1, attributesAt + 2);
    batch.writeBigInt64BE(BigInt(this.baseTimestamp), attributesAt + 6);
    batch.writeBigInt64BE(BigInt(this.maxTimestamp), attributesAt + 14);
    batch.writeInt32BE(this.count, countAt);
    return batch;
  }

  private appendHeaders(headers: readonly EncodedHeader[]): void {
    for (const { key, value } of headers) {
      this.bytesOrNull(key);
      this.bytesOrNull(value);
    }
  }

  private bytesOrNull(source: Buffer | null): void {
    this.sink.varint(source === null ? -1 : source.length);
    if (source !== null) this.sink.bytes(source, 0, source.length);
  }
}

/** Writes into a batch who sends it, and the checksum that covers it. */
export function stampBatch(batch: Buffer, stamp: ProducerStamp = noProducer): void {
  batch.writeBigInt64BE(BigInt(stamp.producerId), producerIdAt);
  batch.writeInt16BE(stamp.epoch, epochAt);
  batch.writeInt32BE(stamp.sequence, sequenceAt);
  batch.writeUInt32BE(crc32c(batch.subarray(attributesAt)), crcAt);
}

/** Records as one batch of no producer. There must be at least one. */
export function encodeBatch(
  records: readonly NewRecord[],
  options: { readonly packing: Packing; readonly now: number },
): Buffer {
  const builder = new BatchBuilder();
  for (const record of records) builder.append(sourceRecord(record), options.now);
  const batch = builder.finish(options.packing);
  stampBatch(batch);
  return batch;
}

interface EncodedHeader {
  readonly key: Buffer;
  readonly value: Buffer | null;
}

const noHeaders: readonly EncodedHeader[] = [];

function encodeHeader({ key, value }: NewRecord["headers"][number]): EncodedHeader {
  return { key: Buffer.from(key), value };
}

/** With their count. */
function sizeOfHeaders(headers: readonly EncodedHeader[]): number {
  let size = sizeOfVarint(headers.length);
  for (const { key, value } of headers) size += sizeOfBytes(key) + sizeOfBytes(value);
  return size;
}

/**
 * The same value, which the engine holds as an integer where it fits. It holds a difference of two large numbers as
 * a floating-point number, however small, which would slow down all that writes varints.
 */
function asInteger(value: Timestamp): Timestamp {
  if (typeof value === "bigint") return value;
  const integer = value | 0;
  return integer === value ? integer : value;
}

function sizeOfDelta(delta: Timestamp): number {
  if (typeof delta === "number") return sizeOfVarint(delta);
  const magnitude = delta < 0n ? ~delta : delta;
  // Zigzag adds one bit, and a byte takes seven.
  return Math.ceil((magnitude.toString(2).length + 1) / 7);
}

function sizeOfBytes(bytes: Buffer | null): number {
  return bytes === null ? 1 : sizeOfVarint(bytes.length) + bytes.length;
}

function sizeOfVarint(value: number): number {
  if (value >= -64 && value < 64) return 1;
  if (value >= -8192 && value < 8192) return 2;
  let rest = value < 0 ? -2 * value - 1 : 2 * value;
  let size = 1;
  for (; rest > 0x7fff_ffff; size++) rest = Math.floor(rest / 128);
  for (; rest > 0x7f; size++) rest >>>= 7;
  return size;
}
