import { expect, test } from "vitest";
import { FrameReader } from "../../../src/kafka/connection/frames.ts";
import { createRandom } from "../../support/random.ts";

function frameOf(content: Buffer): Buffer {
  const size = Buffer.alloc(4);
  size.writeInt32BE(content.length);
  return Buffer.concat([size, content]);
}

function collect(): { reader: FrameReader; frames: Buffer[]; foreign: Buffer[] } {
  const reader = new FrameReader();
  const frames: Buffer[] = [];
  const foreign: Buffer[] = [];
  reader.onFrame = (frame) => void frames.push(frame);
  reader.onForeign = (bytes) => void foreign.push(bytes);
  return { reader, frames, foreign };
}

/** Puts bytes where the reader wants them, as a socket does: at most `most` at a time. */
function receive(reader: FrameReader, bytes: Buffer, most: () => number): void {
  for (let at = 0; at < bytes.length;) {
    const taken = bytes.copy(reader.space(), 0, at, Math.min(bytes.length, at + most()));
    reader.take(taken);
    at += taken;
  }
}

test.each([1, 2, 3, 4, 5])("gives the same frames however they are cut (%i)", (seed) => {
  const random = createRandom(seed);
  const sizes = [4, 5, 100, 16 * 1024 - 4, 16 * 1024, 100_000, 4, 1_000_000, 7];
  const contents = sizes.map((size) => Buffer.alloc(size, random.below(256)));
  const sent = Buffer.concat(contents.map(frameOf));
  for (const largest of [1, 3, 1000, 50_000, 10_000_000]) {
    // A byte at a time takes long, so the large frames are left out.
    const bytes = largest < 1000 ? sent.subarray(0, 4 + 4 + 4 + 5 + 4 + 100) : sent;
    const expected = largest < 1000 ? contents.slice(0, 3) : contents;
    const most = (): number => 1 + random.below(largest);
    const straight = collect();
    receive(straight.reader, bytes, most);
    const copied = collect();
    for (let at = 0; at < bytes.length;) {
      const length = most();
      copied.reader.feed(bytes.subarray(at, at + length));
      at += length;
    }
    for (const { frames, foreign } of [straight, copied]) {
      expect(frames.map(({ length }) => length)).toEqual(expected.map(({ length }) => length));
      expect(Buffer.concat(frames).equals(Buffer.concat(expected))).toBe(true);
      expect(foreign).toEqual([]);
    }
  }
});

test("gives each frame a buffer of its own", () => {
  const { reader, frames } = collect();
  receive(reader, frameOf(Buffer.alloc(50_000, 1)), () => 40_000);
  receive(reader, frameOf(Buffer.alloc(50_000, 2)), () => 40_000);
  expect(frames.map((frame) => frame[0])).toEqual([1, 2]);
  expect(frames[0]?.buffer).not.toBe(frames[1]?.buffer);
});

test("gives bytes that are no frame with what is before them", () => {
  const { reader, frames, foreign } = collect();
  receive(reader, Buffer.from("HTTP/1.1 400 Bad Request"), () => 3);
  expect(frames).toEqual([]);
  expect(String(foreign[0])).toMatch(/^HTTP\//);
});
