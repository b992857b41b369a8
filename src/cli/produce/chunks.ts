import { open } from "node:fs/promises";

/** Larger pieces are no faster to read. */
const chunkBytes = 256 * 1024;

/**
 * The bytes of a file. A chunk is good until the next one is asked for: fresh memory for each would be
 * most of what dp holds.
 */
export async function* readChunks(
  file: string,
  signal: AbortSignal,
): AsyncGenerator<Buffer, void, void> {
  const handle = await open(file);
  try {
    const buffer = Buffer.allocUnsafeSlow(chunkBytes);
    while (!signal.aborted) {
      const { bytesRead } = await handle.read(buffer);
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await handle.close();
  }
}
