import type { Timestamp } from "../protocol/int64.ts";

export interface RecordHeader {
  readonly key: string;
  readonly value: Buffer | null;
}

interface Layout {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** Epoch milliseconds, -1 when the record has none. */
  readonly timestamp: Timestamp;
  /** Holds the record; -1 as a length is null. */
  readonly bytes: Buffer;
  readonly keyAt: number;
  readonly keyLength: number;
  readonly valueAt: number;
  readonly valueLength: number;
  /** Where the count of headers stands. */
  readonly headersAt: number;
  /** Why key, value and headers could not be read. */
  readonly problem: string | undefined;
}

/**
 * A record that still lies in the answer it came with. Key, value and headers are made when asked for:
 * a million records a second leave no time for three buffers each. It keeps the whole answer alive.
 */
export class StoredRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly timestamp: Timestamp;
  readonly bytes: Buffer;
  readonly keyAt: number;
  readonly keyLength: number;
  readonly valueAt: number;
  readonly valueLength: number;
  readonly headersAt: number;
  readonly problem: string | undefined;

  constructor(layout: Layout) {
    this.topic = layout.topic;
    this.partition = layout.partition;
    this.offset = layout.offset;
    this.timestamp = layout.timestamp;
    this.bytes = layout.bytes;
    this.keyAt = layout.keyAt;
    this.keyLength = layout.keyLength;
    this.valueAt = layout.valueAt;
    this.valueLength = layout.valueLength;
    this.headersAt = layout.headersAt;
    this.problem = layout.problem;
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
