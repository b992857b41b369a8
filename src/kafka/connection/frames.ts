/** Larger than any answer dp asks for; what does not speak Kafka's protocol is beyond it. */
const maxFrameBytes = 256 * 1024 * 1024;

/** A broker sends a size and an answer apart, and many answers are short. */
const receivedBytes = 16 * 1024;

/**
 * Takes what a connection receives, and gives each frame less its size, in a buffer of its own that is filled
 * only once. The socket may fill the buffer of a large frame itself: copying a million records from the
 * pieces in which they arrive would take a tenth of the time of reading them.
 */
export class FrameReader {
  /** Called with each frame. */
  onFrame: (frame: Buffer) => void = () => {};
  /** Called with bytes whose size no frame of Kafka's protocol has. */
  onForeign: (bytes: Buffer) => void = () => {};
  private readonly received = Buffer.allocUnsafeSlow(receivedBytes);
  private readonly size = Buffer.alloc(4);
  private sizeFilled = 0;
  private frame: Buffer | undefined;
  private filled = 0;

  /** Where the next bytes may be put. */
  readonly space = (): Buffer => this.frame?.subarray(this.filled) ?? this.received;

  /** To be called when `count` bytes were put into the space. */
  readonly take = (count: number): void => {
    if (this.frame === undefined) {
      this.feed(this.received.subarray(0, count));
      return;
    }
    this.filled += count;
    this.giveWhole(this.frame);
  };

  /** Takes bytes that lie elsewhere. */
  readonly feed = (chunk: Buffer): void => {
    for (let at = 0; at < chunk.length;) {
      if (this.frame === undefined) {
        const taken = chunk.copy(this.size, this.sizeFilled, at, at + 4 - this.sizeFilled);
        this.sizeFilled += taken;
        at += taken;
        if (this.sizeFilled < 4) return;
        const length = this.size.readInt32BE(0);
        if (length < 4 || length > maxFrameBytes) {
          this.onForeign(Buffer.concat([this.size, chunk.subarray(at)]));
          return;
        }
        this.frame = Buffer.allocUnsafeSlow(length);
        this.filled = 0;
        this.sizeFilled = 0;
      }
      const taken = chunk.copy(this.frame, this.filled, at, at + this.frame.length - this.filled);
      this.filled += taken;
      at += taken;
      this.giveWhole(this.frame);
    }
  };

  private giveWhole(frame: Buffer): void {
    if (this.filled < frame.length) return;
    this.frame = undefined;
    this.onFrame(frame);
  }
}
