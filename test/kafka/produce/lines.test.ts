import { expect, test, vi } from "vitest";
import { splitLines } from "../../../src/kafka/produce/lines.ts";
import { createRandom } from "../../support/random.ts";

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
  expect(await lines(["ab=", "=", "=c==", "d"], "==")).toEqual(["ab", "=c", "d"]);
});

/** The text in chunks of these sizes, the last one repeated. */
function cut(text: string, sizes: readonly number[]): string[] {
  const chunks: string[] = [];
  for (let at = 0; at < text.length; at += chunks.at(-1)?.length ?? 1) {
    const size = sizes[chunks.length] ?? sizes.at(-1) ?? 1;
    chunks.push(text.slice(at, at + size));
  }
  return chunks;
}

test.each(["=", "==", "=-=", "aba"])(
  "delimiter %j cuts a text as String.split does",
  async (end) => {
    const random = createRandom(21);
    for (let count = 0; count < 300; count++) {
      const text = Array.from({ length: random.below(30) }, () =>
        random.pick(["a", "b", "=", "-"]),
      ).join("");
      const expected = text.split(end);
      if (expected.at(-1) === "") expected.pop();
      const sizes = [1 + random.below(5), 1 + random.below(5), 1 + random.below(5)];
      expect(await lines(cut(text, sizes), end)).toEqual(expected);
    }
  },
);

test("a long line with a delimiter of two bytes is copied once, not once for each chunk", async () => {
  const concat = vi.spyOn(Buffer, "concat");
  const chunks = Array.from({ length: 1000 }, () => "x".repeat(100));
  expect((await lines([...chunks, "\r\n"], "\r\n"))[0]).toHaveLength(100_000);
  const copied = concat.mock.calls.flatMap(([parts]) => parts.map((part) => part.length));
  concat.mockRestore();
  expect(copied.reduce((sum, length) => sum + length, 0)).toBeLessThan(500_000);
});

test.each([1, 2, 3, 100])(
  "lines of a text have no mark and no CRLF, in chunks of %i",
  async (size) => {
    const inChunks = async (text: string): Promise<string[]> => {
      const bytes = Buffer.from(text);
      async function* source() {
        for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
      }
      const found: string[] = [];
      for await (const { bytes: from, bounds } of splitLines(source())) {
        for (let at = 0; at < bounds.length; at += 2) {
          found.push(from.toString("utf8", bounds[at], bounds[at + 1]));
        }
      }
      return found;
    };
    // Buffer.toString keeps a mark that is not at the beginning of the bytes.
    expect(await inChunks("\uFEFFa\r\nb\n\r\nc\rd\r\n")).toEqual(["a", "b", "", "c\rd"]);
    expect(await inChunks("a\uFEFF\r\n")).toEqual(["a\uFEFF"]);
    expect(await inChunks("\uFEFF")).toEqual([]);
    expect(await inChunks("\uFEFF\n")).toEqual([""]);
  },
);

test("a delimiter that is given leaves all other bytes as they are", async () => {
  expect(await lines(["\uFEFFa\r\nb\r\n"], "\n")).toEqual(["\uFEFFa\r", "b\r"]);
});
