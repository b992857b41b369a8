import { closeSync, constants, fstatSync, openSync } from "node:fs";
import { Socket } from "node:net";
import { addAbortSignal, type Readable } from "node:stream";
import { isatty, ReadStream } from "node:tty";
import { NotRegularError, readRegularFile } from "./regular-file.ts";

/**
 * Opens a FIFO or a terminal as a stream; undefined for any other kind of file. The stream is polled, so that
 * destroying it ends the wait for a writer: a thread that waits in `open` or `read` keeps a process from
 * exiting. Throws the system's error.
 */
export function openPipe(path: string): Readable | undefined {
  const { O_RDONLY, O_NONBLOCK, O_NOCTTY } = constants;
  const descriptor = openSync(path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  if (isatty(descriptor)) return new ReadStream(descriptor);
  if (fstatSync(descriptor).isFIFO()) {
    return new Socket({ fd: descriptor, readable: true, writable: false });
  }
  closeSync(descriptor);
  return undefined;
}

/** Descriptors of this process: a shell passes them for `<(command)`, and people type `/dev/stdin`. */
const ownDescriptor = /^\/(?:dev\/stdin$|dev\/fd\/|proc\/self\/fd\/)/;

/**
 * The content of a regular file, or of a stream that the shell has opened for this process. Throws
 * `NotRegularError` for any other FIFO, folder or device and for more than `maxBytes`, the system's error, and
 * an AbortError when the signal is aborted.
 */
export async function readInputFile(
  path: string,
  { maxBytes, signal }: { readonly maxBytes: number; readonly signal?: AbortSignal },
): Promise<Buffer> {
  const pipe = ownDescriptor.test(path) ? openPipe(path) : undefined;
  if (!pipe) return readRegularFile(path, { maxBytes });
  if (signal) addAbortSignal(signal, pipe);
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of pipe as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) {
      throw new NotRegularError(`${path} has more than ${maxBytes} bytes, which is the limit`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
