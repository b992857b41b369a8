export type StreamName = "stdout" | "stderr";

export interface Frame {
  readonly stream: StreamName;
  readonly payload: Buffer;
}

/**
 * The engine's framing of what runs without a terminal: byte 0 is the stream (1 stdout, 2 stderr),
 * bytes 4-7 the payload's length, big endian; then the payload. Frames may span chunks.
 * https://docs.docker.com/reference/api/engine/version/v1.41/#operation/ContainerAttach
 */
export async function* readFrames(
  chunks: AsyncIterable<Buffer> | Iterable<Buffer>,
): AsyncGenerator<Frame> {
  let pending: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    while (pending.length >= 8 && pending.length >= 8 + pending.readUInt32BE(4)) {
      const end = 8 + pending.readUInt32BE(4);
      yield { stream: pending[0] === 2 ? "stderr" : "stdout", payload: pending.subarray(8, end) };
      pending = pending.subarray(end);
    }
  }
}
