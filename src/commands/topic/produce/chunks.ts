import { open } from "node:fs/promises";
import { addAbortSignal } from "node:stream";
import { openPipe } from "../../../files/input-stream.ts";

/** Larger pieces are no faster to read. */
const chunkBytes = 256 * 1024;

/**
 * The bytes of a file, FIFO or device; of a file the next chunk is read while the caller works on one. A chunk is
 * good until the next one is asked for: fresh memory for each would be most of what dp holds. Ends or throws as soon as the signal is aborted.
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
  const read = async (memory: Buffer): Promise<Buffer> => {
    const { bytesRead } = await handle.read(memory);
    return memory.subarray(0, bytesRead);
  };
  let memory = Buffer.allocUnsafeSlow(chunkBytes);
  let other = Buffer.allocUnsafeSlow(chunkBytes);
  let next = read(memory);
  try {
    while (!signal.aborted) {
      const chunk = await next;
      if (chunk.length === 0) return;
      [memory, other] = [other, memory];
      next = read(memory);
      // It is looked at later.
      next.catch(() => undefined);
      yield chunk;
    }
  } finally {
    await next.catch(() => undefined);
    await handle.close();
  }
}
