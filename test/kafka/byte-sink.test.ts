import { expect, test } from "vitest";
import { ByteSink } from "../../src/kafka/byte-sink.ts";

test.each([0, 7, 10, 99, 100, 1_795_375_140_701, 2 ** 53 - 1, -1])(
  "%i must be written in its digits",
  (value) => {
    const sink = new ByteSink();
    sink.integer(value);
    expect(sink.take().toString()).toBe(String(value));
  },
);

test("what JSON holds as it is must be appended, anything else refused without a trace", () => {
  const every = Array.from({ length: 256 }, (_, byte) => byte);
  const plain = every.filter((byte) => {
    const sink = new ByteSink();
    const taken = sink.jsonPlain(Buffer.from([0x61, byte]), 0, 2);
    expect(sink.size).toBe(taken ? 2 : 0);
    return taken;
  });
  const same = every.filter((byte) => {
    const text = String.fromCharCode(byte);
    return byte < 0x7f && JSON.stringify(text) === `"${text}"`;
  });
  expect(plain).toEqual(same);
});

test("short and long pieces must come out in one, also when the buffer grows", () => {
  const sink = new ByteSink();
  const pieces = Array.from({ length: 9000 }, (_, index) => Buffer.alloc(index % 130, index % 251));
  for (const piece of pieces) sink.bytes(piece, 0, piece.length);
  expect(sink.take().equals(Buffer.concat(pieces))).toBe(true);
  expect(sink.size).toBe(0);
});
