/** Pieces shorter than this are not worth a view of where they lie: names and ends of lines. */
const viewedFrom = 24;
/** Up to so many bytes a loop is faster than the call that copies. */
const loopedTo = 256;

/** Collects bytes in one growing buffer, so that many records become one write. */
export class ByteSink {
  private buffer: Buffer;
  private view: DataView;
  private length = 0;
  /** The last two read from: many records lie in the same, and texts stand between them. */
  private source: Buffer;
  private sourceView: DataView;
  private other: Buffer;
  private otherView: DataView;

  /** The memory is written to, and given up for a larger one when it is too small. */
  constructor(memory: Buffer = Buffer.allocUnsafeSlow(256 * 1024)) {
    this.buffer = this.source = this.other = memory;
    this.view = this.sourceView = this.otherView = viewOf(memory);
  }

  get size(): number {
    return this.length;
  }

  /** Takes back what was appended after the first `size` bytes. */
  cut(size: number): void {
    this.length = size;
  }

  private reserve(size: number): void {
    if (this.length + size > this.buffer.length) this.grow(size);
  }

  private grow(size: number): void {
    const grown = Buffer.allocUnsafeSlow(Math.max(this.length + size, this.buffer.length * 2));
    this.buffer.copy(grown, 0, 0, this.length);
    this.buffer = grown;
    this.view = viewOf(grown);
  }

  private viewOfSource(source: Buffer): DataView {
    if (source === this.source) return this.sourceView;
    if (source === this.other) return this.otherView;
    this.other = this.source;
    this.otherView = this.sourceView;
    this.source = source;
    this.sourceView = viewOf(source);
    return this.sourceView;
  }

  /** Room for what is written later, into what was collected. */
  skip(size: number): void {
    this.reserve(size);
    this.length += size;
  }

  /** Zigzag VARINT of Kafka's record format; exact up to 2^52. */
  varint(value: number): void {
    this.reserve(8);
    // Most are one byte, and a short function becomes a part of those that call it.
    if (value >= -64 && value < 64) this.buffer[this.length++] = (value << 1) ^ (value >> 31);
    else this.longVarint(value);
  }

  private longVarint(value: number): void {
    const { buffer } = this;
    let at = this.length;
    let rest = value < 0 ? -2 * value - 1 : 2 * value;
    for (; rest > 0x7fff_ffff; rest = Math.floor(rest / 128)) {
      buffer[at++] = (rest % 128) | 0x80;
    }
    // Whole numbers of 32 bits are shifted many times faster.
    for (; rest > 0x7f; rest >>>= 7) buffer[at++] = (rest & 0x7f) | 0x80;
    buffer[at++] = rest;
    this.length = at;
  }

  /** Zigzag VARINT of what `varint` can't take, of up to 64 bits. */
  wideVarint(value: bigint): void {
    this.reserve(10);
    let rest = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n));
    for (; rest > 0x7fn; rest >>= 7n) this.buffer[this.length++] = Number(rest & 0x7fn) | 0x80;
    this.buffer[this.length++] = Number(rest);
  }

  bytes(source: Buffer, start: number, end: number): void {
    this.reserve(end - start);
    if (end - start > loopedTo) {
      this.length += source.copy(this.buffer, this.length, start, end);
      return;
    }
    const { buffer, view } = this;
    let at = start;
    let to = this.length;
    if (end - start >= viewedFrom) {
      const from = this.viewOfSource(source);
      for (const last = end - 8; at <= last; at += 8, to += 8) {
        view.setInt32(to, from.getInt32(at));
        view.setInt32(to + 4, from.getInt32(at + 4));
      }
    }
    for (; at < end; at++) buffer[to++] = source[at] ?? 0;
    this.length = to;
  }

  /**
   * Appends the bytes when all are ASCII that a JSON string holds without an escape; returns false, with
   * nothing appended, when one is not.
   */
  jsonPlain(source: Buffer, start: number, end: number): boolean {
    this.reserve(end - start);
    const { buffer, view } = this;
    let at = start;
    let to = this.length;
    if (end - start >= viewedFrom) {
      const from = this.viewOfSource(source);
      for (const last = end - 4; at <= last; at += 4, to += 4) {
        const four = from.getInt32(at);
        if (needsEscape(four)) return false;
        view.setInt32(to, four);
      }
    }
    for (; at < end; at++) {
      const byte = source[at] ?? 0;
      if (needsEscape(byte | spaces)) return false;
      buffer[to++] = byte;
    }
    this.length = to;
    return true;
  }

  /** The digits of a whole number; beyond 2^53 - 1 only a bigint is exact. */
  integer(value: number | bigint): void {
    if (typeof value === "bigint" || value < 0) {
      this.ascii(String(value));
      return;
    }
    this.reserve(16);
    if (value < billion) {
      let digits = 1;
      for (let limit = 10; limit <= value; limit *= 10) digits++;
      this.digits(value, digits);
      return;
    }
    // Whole numbers of 32 bits are divided many times faster.
    const billions = Math.floor(value / billion);
    this.integer(billions);
    this.digits(value - billions * billion, 9);
  }

  /** The last `count` digits of a number below a billion. */
  private digits(value: number, count: number): void {
    let rest = value;
    for (let at = this.length + count - 1; at >= this.length; at--) {
      const shorter = (rest / 10) | 0;
      this.buffer[at] = 0x30 + (rest - shorter * 10);
      rest = shorter;
    }
    this.length += count;
  }

  /** Text of characters below 128 only. */
  ascii(text: string): void {
    this.reserve(text.length);
    this.length += this.buffer.write(text, this.length, "latin1");
  }

  text(text: string): void {
    this.reserve(text.length * 3);
    this.length += this.buffer.write(text, this.length, "utf8");
  }

  /** What was collected, as a view: good until something is appended after `clear`. */
  collected(): Buffer {
    return this.buffer.subarray(0, this.length);
  }

  /** Empties the sink, whose memory is used again. */
  clear(): void {
    this.length = 0;
  }

  /** What was collected, in a buffer of its own; the sink is empty afterwards. */
  take(): Buffer {
    const taken = this.collected();
    this.buffer = Buffer.allocUnsafeSlow(Math.max(64 * 1024, this.length));
    this.view = viewOf(this.buffer);
    this.clear();
    return taken;
  }
}

function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

const billion = 1_000_000_000;

/** Three spaces above a byte. */
const spaces = 0x20202000;

/**
 * Whether one of four bytes is below space, a quote, a backslash, or above `~`. All at once: subtracting
 * from a byte without its high bit sets that bit when the byte is smaller
 * (graphics.stanford.edu/~seander/bithacks.html#HasLessInWord).
 */
function needsEscape(four: number): boolean {
  const quote = four ^ 0x22222222;
  const backslash = four ^ 0x5c5c5c5c;
  const del = four ^ 0x7f7f7f7f;
  const found =
    ((four - 0x20202020) & ~four) |
    ((quote - 0x01010101) & ~quote) |
    ((backslash - 0x01010101) & ~backslash) |
    ((del - 0x01010101) & ~del) |
    four;
  return (found & 0x80808080) !== 0;
}
