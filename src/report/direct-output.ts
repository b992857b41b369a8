import { fstatSync, writeSync } from "node:fs";
import { isReaderGone } from "./stdout.ts";

/** Whether a text can be written to the descriptor without a stream: to a file, pipe, or socket, but to no terminal. */
export function isDirect(fd: number): boolean {
  try {
    return !fstatSync(fd).isCharacterDevice();
  } catch {
    return false;
  }
}

/**
 * Writes a text without a stream, because loading the streams of Node takes longer than printing the help.
 * Returns the rest that a full pipe does not take now; nothing is left when the reader has gone. Throws the
 * error of the system for other failures.
 */
export function writeDirectly(fd: number, text: string): Uint8Array {
  const bytes = Buffer.from(text);
  let at = 0;
  try {
    while (at < bytes.length) at += writeSync(fd, bytes, at);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === "EAGAIN") return bytes.subarray(at);
    if (!isReaderGone(thrown as NodeJS.ErrnoException)) throw thrown;
    return bytes.subarray(bytes.length);
  }
  return bytes.subarray(at);
}
