import { isNumberTimestamp, sumOfTimestamps, type Timestamp } from "../protocol/int64.ts";

export interface RecordHeader {
  readonly key: string;
  readonly value: Buffer | null;
}

/** What the records of a batch have in common. */
export interface StoredBatch {
  readonly topic: string;
  readonly partition: number;
  /** Contains the records. */
  readonly bytes: Buffer;
  /** The offset from which those of the records are counted. */
  readonly base: number;
  /** Epoch milliseconds from which those of the records are counted; -1 when they have none. */
  readonly baseTimestamp: Timestamp;
  /** The time of every record, when the broker set it. */
  readonly appendTimestamp?: Timestamp | undefined;
  /** Why keys, values and headers could not be read. */
  readonly problem?: string | undefined;
}

/** Where a record lies in the bytes of its batch; -1 as a length is null. */
interface Layout {
  /** The offset less that of the batch. */
  readonly delta: number;
  /** Where the difference of the timestamp is; -1 when there is none. */
  readonly timeAt: number;
  readonly keyAt: number;
  readonly keyLength: number;
  readonly valueAt: number;
  readonly valueLength: number;
}

/**
 * A record that still lies in the answer it came with. All but its place is made when asked for: a million
 * records a second leave no time for three buffers each. It keeps the whole answer alive.
 */
export class StoredRecord {
  private readonly batch: StoredBatch;
  private readonly delta: number;
  private readonly timeAt: number;
  readonly keyAt: number;
  readonly keyLength: number;
  readonly valueAt: number;
  readonly valueLength: number;

  // Small integers only, which take no memory of their own.
  constructor(batch: StoredBatch, layout: Layout) {
    this.batch = batch;
    this.delta = layout.delta;
    this.timeAt = layout.timeAt;
    this.keyAt = layout.keyAt;
    this.keyLength = layout.keyLength;
    this.valueAt = layout.valueAt;
    this.valueLength = layout.valueLength;
  }

  get topic(): string {
    return this.batch.topic;
  }

  get partition(): number {
    return this.batch.partition;
  }

  get offset(): number {
    return this.batch.base + this.delta;
  }

  /** Epoch milliseconds, -1 when the record has none. */
  get timestamp(): Timestamp {
    const { bytes, baseTimestamp, appendTimestamp } = this.batch;
    if (appendTimestamp !== undefined) return appendTimestamp;
    if (this.timeAt < 0) return baseTimestamp;
    const cursor = new Cursor(bytes, this.timeAt);
    const delta = cursor.varlong();
    if (typeof baseTimestamp === "number" && isNumberTimestamp(delta)) {
      const timestamp = baseTimestamp + delta;
      if (isNumberTimestamp(timestamp)) return timestamp;
    }
    cursor.at = this.timeAt;
    return sumOfTimestamps(baseTimestamp, cursor.wideVarlong());
  }

  /** Contains the record. */
  get bytes(): Buffer {
    return this.batch.bytes;
  }

  /** Where the count of headers is. */
  get headersAt(): number {
    return this.valueAt + Math.max(0, this.valueLength);
  }

  /** Why key, value and headers could not be read. */
  get problem(): string | undefined {
    return this.batch.problem;
  }

  get key(): Buffer | null {
    return this.keyLength < 0 ? null : this.bytes.subarray(this.keyAt, this.keyAt + this.keyLength);
  }

  get value(): Buffer | null {
    if (this.valueLength < 0) return null;
    return this.bytes.subarray(this.valueAt, this.valueAt + this.valueLength);
  }

  get hasHeaders(): boolean {
    return this.bytes[this.headersAt] !== 0;
  }

  get headers(): RecordHeader[] {
    return decodeHeaders(this.bytes, this.headersAt);
  }
}

/** Reads the zigzag varints of the record format from a buffer, from its front to its end. */
export class Cursor {
  readonly bytes: Buffer;
  at: number;

  constructor(bytes: Buffer, at: number) {
    this.bytes = bytes;
    this.at = at;
  }

  /** VARINT of at most 32 bits. */
  varint(): number {
    const { bytes } = this;
    let byte = bytes[this.at++] ?? 0;
    let value = byte & 0x7f;
    for (let shift = 7; byte >= 0x80 && shift < 35; shift += 7) {
      byte = bytes[this.at++] ?? 0;
      value |= (byte & 0x7f) << shift;
    }
    return (value >>> 1) ^ -(value & 1);
  }

  /** Passes over a VARLONG. */
  skipVarlong(): void {
    const last = this.at + 9;
    while ((this.bytes[this.at++] ?? 0) >= 0x80 && this.at <= last);
  }

  /** VARLONG; exact where a timestamp is a number, else `wideVarlong` must read it. */
  varlong(): number {
    const { bytes } = this;
    let byte = bytes[this.at++] ?? 0;
    let value = byte & 0x7f;
    for (let scale = 128; byte >= 0x80 && scale < 2 ** 70; scale *= 128) {
      byte = bytes[this.at++] ?? 0;
      value += (byte & 0x7f) * scale;
    }
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  /** VARLONG of all 64 bits. */
  wideVarlong(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.bytes[this.at++] ?? 0;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    return BigInt.asIntN(64, (value >> 1n) ^ -(value & 1n));
  }
}

/** The headers of a record, whose encoding begins with their count; damaged ones end with the bytes. */
function decodeHeaders(bytes: Buffer, at: number): RecordHeader[] {
  const cursor = new Cursor(bytes, at);
  const headers: RecordHeader[] = [];
  for (let left = cursor.varint(); left > 0 && cursor.at < bytes.length; left--) {
    const keyLength = cursor.varint();
    const key = bytes.toString("utf8", cursor.at, cursor.at + keyLength);
    cursor.at += keyLength;
    const length = cursor.varint();
    headers.push({ key, value: length < 0 ? null : bytes.subarray(cursor.at, cursor.at + length) });
    cursor.at += Math.max(0, length);
  }
  return headers;
}
