import { open } from "node:fs/promises";
import { addAbortSignal } from "node:stream";
import { openPipe } from "../../../files/input-stream.ts";

/** Larger pieces are no faster to read. */
const chunkBytes = 256 * 1024;

/**
 * The bytes of a file, FIFO or device. A chunk is good until the next one is asked for: fresh memory for each
 * would be most of what dp holds. Ends or throws as soon as the signal is aborted.
 */
export async function* readChunks(
  file: string,
  signal: AbortSignal,
): AsyncGenerator<Buffer, void, void> {
  const pipe = openPipe(file);
  if (pipe) {
    yield* addAbortSignal(signal, pipe) as AsyncIterable<Buffer>;
    return;
  }
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
