import { expect, test } from "vitest";
import { splitLines } from "../../src/kafka/lines.ts";

async function lines(...chunks: string[]): Promise<string[]> {
  async function* source() {
    for (const chunk of chunks) yield Buffer.from(chunk);
  }
  const found: string[] = [];
  for await (const line of splitLines(source())) found.push(line.toString());
  return found;
}

test("lines must not depend on how the bytes arrive", async () => {
  expect(await lines("a\nb", "c\n\nd", "\n")).toEqual(["a", "bc", "", "d"]);
  expect(await lines("ü\n")).toEqual(["ü"]);
});

test("a last line without a line feed must be read", async () => {
  expect(await lines("a\nb")).toEqual(["a", "b"]);
  expect(await lines()).toEqual([]);
});
