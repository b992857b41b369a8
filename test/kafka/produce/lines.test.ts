import { expect, test } from "vitest";
import { splitLines } from "../../../src/kafka/produce/lines.ts";

async function lines(chunks: readonly string[], delimiter?: string): Promise<string[]> {
  async function* source() {
    for (const chunk of chunks) yield Buffer.from(chunk);
  }
  const found: string[] = [];
  const ending = delimiter === undefined ? undefined : Buffer.from(delimiter);
  for await (const { bytes, bounds } of splitLines(source(), ending)) {
    for (let at = 0; at < bounds.length; at += 2) {
      found.push(bytes.toString("utf8", bounds[at], bounds[at + 1]));
    }
  }
  return found;
}

test("lines must not depend on how the bytes arrive", async () => {
  expect(await lines(["a\nb", "c\n\nd", "\n"])).toEqual(["a", "bc", "", "d"]);
  expect(await lines(["long", "er ", "than ", "a chunk\nü", "\n"])).toEqual([
    "longer than a chunk",
    "ü",
  ]);
});

test("a last line without a line feed must be read", async () => {
  expect(await lines(["a\nb"])).toEqual(["a", "b"]);
  expect(await lines(["a", "b"])).toEqual(["ab"]);
  expect(await lines([])).toEqual([]);
});

test("a delimiter of several bytes must be found where it is cut, too", async () => {
  expect(await lines(["a\0b\0"], "\0")).toEqual(["a", "b"]);
  expect(await lines(["a=", "=b=", "=", "c="], "==")).toEqual(["a", "b", "c="]);
  expect(await lines(["a\r", "\nb\nc"], "\r\n")).toEqual(["a", "b\nc"]);
});
