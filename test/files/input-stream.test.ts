import { open, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { execa } from "execa";
import { expect, test } from "vitest";
import { openPipe, readInputFile } from "../../src/files/input-stream.ts";
import { readChunks } from "../../src/commands/topic/produce/chunks.ts";
import { createFifo, createFolder } from "../support/fifo.ts";

const limits = { maxBytes: 100 };

/** Opens a FIFO in this process, so that it has a descriptor here as `<(command)` has. */
async function openDescriptor(path: string): Promise<{ path: string } & AsyncDisposable> {
  // A FIFO that is opened for reading and writing waits for no other process.
  const handle = await open(path, "r+");
  const close = (): Promise<void> => handle.close();
  return { path: `/dev/fd/${handle.fd}`, [Symbol.asyncDispose]: close };
}

test("reads a FIFO to the end of its writer", async () => {
  const fifo = createFifo(await createFolder(), "in");
  const pipe = openPipe(fifo);
  const writer = execa("sh", ["-c", `{ printf one; printf two; } >${fifo}`]);
  expect(pipe && (await text(pipe))).toBe("onetwo");
  await writer;
});

test("opens no pipe for a regular file", async () => {
  const file = join(await createFolder(), "a.txt");
  await writeFile(file, "text");
  expect(openPipe(file)).toBeUndefined();
});

test("reads a regular file as input, and rejects a FIFO that the shell has not opened", async () => {
  const folder = await createFolder();
  await writeFile(join(folder, "a.txt"), "text");
  expect((await readInputFile(join(folder, "a.txt"), limits)).toString()).toBe("text");
  const fifo = createFifo(folder, "in");
  await expect(readInputFile(fifo, limits)).rejects.toThrow(
    `${fifo} is a FIFO, not a regular file`,
  );
});

test("reads no more of a descriptor than the limit", async () => {
  const fifo = createFifo(await createFolder(), "in");
  await using descriptor = await openDescriptor(fifo);
  await writeFile(fifo, "12345");
  await expect(readInputFile(descriptor.path, { maxBytes: 4 })).rejects.toThrow(
    "more than 4 bytes",
  );
});

test("ends the wait for a descriptor that gets nothing when the signal is aborted", async () => {
  await using descriptor = await openDescriptor(createFifo(await createFolder(), "in"));
  const controller = new AbortController();
  const reading = readInputFile(descriptor.path, { ...limits, signal: controller.signal });
  controller.abort();
  await expect(reading).rejects.toThrow("aborted");
});

test("ends the wait for the writer of a produced FIFO when the signal is aborted", async () => {
  const fifo = createFifo(await createFolder(), "in");
  const controller = new AbortController();
  const next = readChunks(fifo, controller.signal).next();
  controller.abort();
  await expect(next).rejects.toThrow("aborted");
});
