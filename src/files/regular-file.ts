import { closeSync, constants, fstatSync, openSync, readFileSync, type Stats } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";

export interface RegularFileOptions {
  /** Largest size in bytes; any size when left out. */
  readonly maxBytes?: number;
  /** Whether a symbolic link counts as the file that it names (default: true). */
  readonly followLinks?: boolean;
}

/** The path names a folder, FIFO, socket or device, or a file that is too large to be what it should be. */
export class NotRegularError extends Error {
  override readonly name = "NotRegularError";
}

/**
 * Opens a regular file for reading. Nothing else is opened for good: a FIFO would wait for its writer, and a
 * device may have no end. The descriptor is examined, not the path, which another process may replace. Throws
 * `NotRegularError`, or the system's error.
 */
export async function openRegularFile(
  path: string,
  options: RegularFileOptions = {},
): Promise<FileHandle> {
  const file = await open(path, flagsFor(options));
  try {
    assertRegular(path, await file.stat(), options);
    return file;
  } catch (thrown) {
    await file.close();
    throw thrown;
  }
}

/** The content of a regular file. Throws as `openRegularFile` does. */
export async function readRegularFile(path: string, options?: RegularFileOptions): Promise<Buffer> {
  const file = await openRegularFile(path, options);
  try {
    return await file.readFile();
  } finally {
    await file.close();
  }
}

/** As `readRegularFile`, without a promise. */
export function readRegularFileSync(path: string, options: RegularFileOptions = {}): Buffer {
  const descriptor = openSync(path, flagsFor(options));
  try {
    assertRegular(path, fstatSync(descriptor), options);
    return readFileSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** `O_NONBLOCK` opens a FIFO without waiting for its writer; it changes nothing for a regular file. */
function flagsFor({ followLinks = true }: RegularFileOptions): number {
  const flags = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY;
  return followLinks ? flags : flags | constants.O_NOFOLLOW;
}

function assertRegular(path: string, stats: Stats, { maxBytes }: RegularFileOptions): void {
  if (!stats.isFile()) {
    throw new NotRegularError(`${path} is a ${describeKind(stats)}, not a regular file`);
  }
  if (maxBytes !== undefined && stats.size > maxBytes) {
    throw new NotRegularError(`${path} has ${stats.size} bytes, and the limit is ${maxBytes}`);
  }
}

function describeKind(stats: Stats): string {
  if (stats.isDirectory()) return "folder";
  if (stats.isFIFO()) return "FIFO";
  return stats.isSocket() ? "socket" : "device";
}
