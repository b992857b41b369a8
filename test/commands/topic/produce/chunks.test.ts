import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { readChunks } from "../../../../src/commands/topic/produce/chunks.ts";
import { createFolder } from "../../../support/fifo.ts";

async function createFile(bytes: Buffer): Promise<string> {
  const file = join(await createFolder(), "large");
  await writeFile(file, bytes);
  return file;
}

test("leaves a chunk unchanged until the next one is asked for", async () => {
  const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, at) => String(at)).join(" "));
  const signal = new AbortController().signal;
  const found: Buffer[] = [];
  for await (const chunk of readChunks(await createFile(bytes), signal)) {
    // Time in which the next chunk is read.
    for (let turn = 0; turn < 20; turn++) await setImmediate();
    found.push(Buffer.from(chunk));
  }
  expect(found.length).toBeGreaterThan(4);
  expect(Buffer.concat(found).equals(bytes)).toBe(true);
});

test("ends after the chunk during which it was aborted", async () => {
  const file = await createFile(Buffer.alloc(2_000_000));
  const ending = new AbortController();
  let chunks = 0;
  for await (const _ of readChunks(file, ending.signal)) {
    chunks++;
    ending.abort();
  }
  expect(chunks).toBe(1);
});
