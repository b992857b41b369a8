/** Up to so many bytes a loop is faster than the call that copies. */
const shortest = 64;

/** Collects output in one growing buffer, so that many records become one write. */
export class ByteSink {
  private buffer = Buffer.allocUnsafeSlow(256 * 1024);
  private length = 0;

  get size(): number {
    return this.length;
  }

  /** Takes back what was appended after the first `size` bytes. */
  cut(size: number): void {
    this.length = size;
  }

  private reserve(size: number): void {
    if (this.length + size <= this.buffer.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(this.length + size, this.buffer.length * 2));
    this.buffer.copy(grown, 0, 0, this.length);
    this.buffer = grown;
  }

  bytes(source: Buffer, start: number, end: number): void {
    this.reserve(end - start);
    if (end - start > shortest) {
      this.length += source.copy(this.buffer, this.length, start, end);
      return;
    }
    for (let at = start; at < end; at++) this.buffer[this.length++] = source[at] ?? 0;
  }

  /**
   * Appends the bytes when all are ASCII that a JSON string holds without an escape; returns false, with
   * nothing appended, when one is not.
   */
  jsonPlain(source: Buffer, start: number, end: number): boolean {
    this.reserve(end - start);
    const { buffer } = this;
    let to = this.length;
    for (let at = start; at < end; at++) {
      const byte = source[at] ?? 0;
      if (byte < 0x20 || byte > 0x7e || byte === 0x22 || byte === 0x5c) return false;
      buffer[to++] = byte;
    }
    this.length = to;
    return true;
  }

  /** The digits of a whole number below 2^53. */
  integer(value: number): void {
    if (value < 0) {
      this.ascii(String(value));
      return;
    }
    this.reserve(16);
    let digits = 1;
    for (let limit = 10; limit <= value; limit *= 10) digits++;
    let rest = value;
    for (let at = this.length + digits - 1; at >= this.length; at--) {
      const shorter = Math.floor(rest / 10);
      this.buffer[at] = 0x30 + (rest - shorter * 10);
      rest = shorter;
    }
    this.length += digits;
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

  /** What was collected, in a buffer of its own; the sink is empty afterwards. */
  take(): Buffer {
    const taken = this.buffer.subarray(0, this.length);
    this.buffer = Buffer.allocUnsafeSlow(Math.max(64 * 1024, this.length));
    this.length = 0;
    return taken;
  }
}
