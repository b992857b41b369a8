import { expect, test } from "vitest";
import { ByteSink } from "../../../src/kafka/records/byte-sink.ts";
import { Cursor } from "../../../src/kafka/records/stored-record.ts";

test.each([0, 7, 10, 99, 100, 1_795_375_140_701, 2 ** 53 - 1, -1, 2n ** 63n - 1n])(
  "%s must be written in its digits",
  (value) => {
    const sink = new ByteSink();
    sink.integer(value);
    expect(sink.take().toString()).toBe(String(value));
  },
);

test("what JSON holds as it is must be appended, anything else refused without a trace", () => {
  const every = Array.from({ length: 256 }, (_, byte) => byte);
  const sink = new ByteSink();
  const isPlain = (byte: number, place: number): boolean => {
    sink.cut(0);
    const bytes = Buffer.alloc(25, "a").fill(byte, place, place + 1);
    const taken = sink.jsonPlain(bytes, 0, bytes.length);
    expect(sink.size).toBe(taken ? bytes.length : 0);
    return taken;
  };
  const same = every.filter((byte) => {
    const text = String.fromCharCode(byte);
    return byte < 0x7f && JSON.stringify(text) === `"${text}"`;
  });
  for (let place = 0; place < 25; place++) {
    expect(every.filter((byte) => isPlain(byte, place))).toEqual(same);
  }
  const all = Buffer.from(same);
  sink.cut(0);
  expect(sink.jsonPlain(all, 0, all.length)).toBe(true);
  expect(sink.take()).toEqual(all);
});

test("short and long pieces must come out in one, also when the buffer grows", () => {
  const sink = new ByteSink();
  const pieces = Array.from({ length: 9000 }, (_, index) => Buffer.alloc(index % 300, index % 251));
  for (const piece of pieces) sink.bytes(piece, 0, piece.length);
  expect(sink.take().equals(Buffer.concat(pieces))).toBe(true);
  expect(sink.size).toBe(0);
});

test("a cleared sink must begin anew in the same memory", () => {
  const sink = new ByteSink();
  sink.text("first");
  const first = sink.collected();
  sink.clear();
  sink.text("second");
  expect(sink.collected().toString()).toBe("second");
  expect(first.buffer).toBe(sink.collected().buffer);
});

test.each([
  0,
  -1,
  63,
  64,
  -64,
  -65,
  8191,
  8192,
  -8193,
  2 ** 30,
  -(2 ** 31),
  2 ** 31 + 5,
  2 ** 40,
  -(2 ** 45),
])("the varint of %i must read back", (value) => {
  const sink = new ByteSink(Buffer.alloc(1));
  sink.varint(value);
  const cursor = new Cursor(sink.take(), 0);
  expect(cursor.varlong()).toBe(value);
});
