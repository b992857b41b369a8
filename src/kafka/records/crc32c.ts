import { createRequire } from "node:module";
import type * as Native from "@node-rs/crc32";

/** Unsigned. */
export type Checksum = (bytes: Buffer) => number;

/**
 * CRC-32C (RFC 3720, appendix B.4), the checksum of record batches: computed by native code, or in JavaScript
 * where that can't be loaded.
 */
export const crc32c: Checksum = loadNative() ?? crc32cOfTable;

/**
 * Undefined where there is no native code for this machine, or where it has no such function. An import would
 * bind the name all the same, and no record could be written for as long as the process runs.
 */
function loadNative(): Checksum | undefined {
  const require = createRequire(import.meta.url);
  try {
    const loaded = require("@node-rs/crc32") as Partial<typeof Native>;
    return typeof loaded.crc32c === "function" ? loaded.crc32c : undefined;
  } catch {
    return undefined;
  }
}

/** Castagnoli's polynomial, its bits in reverse order. */
const polynomial = 0x82f63b78;

let table: Int32Array | undefined;

/** A byte at a time, which takes more than twenty times as long as native code: 0.5 s for 100 MB. */
export function crc32cOfTable(bytes: Buffer): number {
  table ??= Int32Array.from({ length: 256 }, (_, byte) => {
    let rest = byte;
    for (let bit = 0; bit < 8; bit++) rest = (rest >>> 1) ^ (rest & 1 ? polynomial : 0);
    return rest;
  });
  let crc = -1;
  for (const byte of bytes) crc = (table[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8);
  return ~crc >>> 0;
}
