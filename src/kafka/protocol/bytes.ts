import { readInt64 } from "./int64.ts";

/**
 * The primitive types of Kafka's protocol (kafka.apache.org/protocol#protocol_types), big-endian:
 *
 *   STRING, NULLABLE_STRING   INT16 length (-1 = null), UTF-8 bytes
 *   BYTES, NULLABLE_BYTES     INT32 length (-1 = null), bytes
 *   ARRAY                     INT32 count (-1 = null), items
 *   UNSIGNED_VARINT           7 bits a byte, lowest first, high bit = more follows
 *   COMPACT_…                 UNSIGNED_VARINT length + 1 (0 = null), content
 *   TAGGED_FIELDS             UNSIGNED_VARINT count, then (tag, size, bytes) each
 *
 * INT64 are read as numbers, and those beyond 2^53 - 1 are an error (int64.ts).
 */
export class ByteWriter {
  private buffer = Buffer.allocUnsafe(256);
  private length = 0;
  private readonly before: Buffer[] = [];

  private reserve(size: number): number {
    const at = this.length;
    this.length += size;
    if (this.length > this.buffer.length) {
      const grown = Buffer.allocUnsafe(Math.max(this.length, this.buffer.length * 2));
      this.buffer.copy(grown, 0, 0, at);
      this.buffer = grown;
    }
    return at;
  }

  int8(value: number): this {
    const at = this.reserve(1);
    this.buffer.writeInt8(value, at);
    return this;
  }

  int16(value: number): this {
    const at = this.reserve(2);
    this.buffer.writeInt16BE(value, at);
    return this;
  }

  int32(value: number): this {
    const at = this.reserve(4);
    this.buffer.writeInt32BE(value, at);
    return this;
  }

  int64(value: number): this {
    const at = this.reserve(8);
    this.buffer.writeBigInt64BE(BigInt(value), at);
    return this;
  }

  boolean(value: boolean): this {
    return this.int8(value ? 1 : 0);
  }

  /** Puts in bytes as they lie, uncopied: they must stay as they are until what was written is sent. */
  attach(bytes: Buffer): this {
    this.before.push(this.buffer.subarray(0, this.length), bytes);
    this.buffer = Buffer.allocUnsafe(256);
    this.length = 0;
    return this;
  }

  raw(bytes: Uint8Array): this {
    const at = this.reserve(bytes.length);
    this.buffer.set(bytes, at);
    return this;
  }

  string(value: string | null): this {
    if (value === null) return this.int16(-1);
    const bytes = Buffer.from(value);
    return this.int16(bytes.length).raw(bytes);
  }

  unsignedVarint(value: number): this {
    let rest = value;
    while (rest > 0x7f) {
      this.int8((((rest & 0x7f) | 0x80) << 24) >> 24);
      rest >>>= 7;
    }
    return this.int8(rest);
  }

  /** Zigzag; exact up to 2^52. */
  varint(value: number): this {
    let rest = value < 0 ? -2 * value - 1 : 2 * value;
    while (rest > 0x7f) {
      const at = this.reserve(1);
      this.buffer[at] = (rest % 128) | 0x80;
      rest = Math.floor(rest / 128);
    }
    const at = this.reserve(1);
    this.buffer[at] = rest;
    return this;
  }

  compactString(value: string): this {
    const bytes = Buffer.from(value);
    return this.unsignedVarint(bytes.length + 1).raw(bytes);
  }

  array<T>(items: readonly T[], write: (item: T) => void): this {
    this.int32(items.length);
    for (const item of items) write(item);
    return this;
  }

  compactArray<T>(items: readonly T[] | null, write: (item: T) => void): this {
    if (items === null) return this.unsignedVarint(0);
    this.unsignedVarint(items.length + 1);
    for (const item of items) write(item);
    return this;
  }

  /** What was written, piece by piece; the writer must not be used afterwards. */
  pieces(): Buffer[] {
    return [...this.before, this.buffer.subarray(0, this.length)];
  }

  /** What was written as a whole; the writer must not be used afterwards. */
  finish(): Buffer {
    return Buffer.concat(this.pieces());
  }
}

/** Reads from one answer, from its front to its end; throws RangeError when it ends too early. */
export class ByteReader {
  readonly buffer: Buffer;
  position: number;
  /** Milliseconds for which the broker holds back the connection because of a quota. */
  throttleMs = 0;

  constructor(buffer: Buffer, position = 0) {
    this.buffer = buffer;
    this.position = position;
  }

  private advance(size: number): number {
    const at = this.position;
    this.position += size;
    return at;
  }

  int8(): number {
    return this.buffer.readInt8(this.advance(1));
  }

  int16(): number {
    return this.buffer.readInt16BE(this.advance(2));
  }

  int32(): number {
    return this.buffer.readInt32BE(this.advance(4));
  }

  /** Reads `throttle INT32`, and keeps it for the connection. */
  throttle(): void {
    this.throttleMs = this.int32();
  }

  int64(): number {
    return readInt64(this.buffer, this.advance(8));
  }

  /** Passes over what is not needed. */
  skip(size: number): void {
    this.advance(size);
  }

  boolean(): boolean {
    return this.int8() !== 0;
  }

  bytes(length: number): Buffer {
    const at = this.advance(length);
    if (this.position > this.buffer.length) throw new RangeError("the answer ends too early");
    return this.buffer.subarray(at, at + length);
  }

  nullableString(): string | null {
    const length = this.int16();
    return length < 0 ? null : this.bytes(length).toString();
  }

  string(): string {
    return this.nullableString() ?? "";
  }

  unsignedVarint(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.buffer.readUInt8(this.advance(1));
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
    throw new RangeError("a varint is longer than five bytes");
  }

  compactString(): string | null {
    const length = this.unsignedVarint() - 1;
    return length < 0 ? null : this.bytes(length).toString();
  }

  skipTaggedFields(): void {
    for (let left = this.unsignedVarint(); left > 0; left--) {
      this.unsignedVarint();
      this.advance(this.unsignedVarint());
    }
  }

  array<T>(read: () => T): T[] {
    return this.times(this.int32(), read);
  }

  compactArray<T>(read: () => T): T[] {
    return this.times(this.unsignedVarint() - 1, read);
  }

  private times<T>(count: number, read: () => T): T[] {
    const items: T[] = [];
    for (let left = count; left > 0; left--) items.push(read());
    return items;
  }
}
