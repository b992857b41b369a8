import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { dirname } from "node:path";
import { openRegularFile } from "../files/regular-file.ts";

/** https://duckdb.org/docs/stable/internals/storage: a checksum of 8 bytes, then these. */
const magic = { offset: 8, bytes: "DUCK" };

/**
 * What is found at the place of a DuckDB file: the file, or a folder in which it can be made. Throws
 * Error when neither is there.
 */
export async function checkDuckDb(path: string): Promise<string> {
  const found = await readMagic(path);
  if (found === undefined) {
    const folder = await writableFolder(dirname(path));
    return `is not there yet; ${folder} can be written to`;
  }
  if (found !== magic.bytes) throw new Error(`${path} is no DuckDB file`);
  await access(path, constants.W_OK);
  return path;
}

/** Undefined when there is no file. */
async function readMagic(path: string): Promise<string | undefined> {
  const file = await openRegularFile(path).catch((thrown: unknown) => {
    if (isMissing(thrown)) return undefined;
    throw thrown;
  });
  if (!file) return undefined;
  try {
    const { offset, bytes } = magic;
    const { buffer, bytesRead } = await file.read(Buffer.alloc(bytes.length), { position: offset });
    return buffer.toString("latin1", 0, bytesRead);
  } finally {
    await file.close();
  }
}

function isMissing(thrown: unknown): boolean {
  return (thrown as { code?: unknown }).code === "ENOENT";
}

/** The folder, or the first one above it that is there. Throws when it can't be written to. */
async function writableFolder(folder: string): Promise<string> {
  try {
    await access(folder, constants.W_OK);
    return folder;
  } catch (thrown) {
    if (!isMissing(thrown) || dirname(folder) === folder) throw thrown;
    return writableFolder(dirname(folder));
  }
}
