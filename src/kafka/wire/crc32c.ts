/** CRC-32C (Castagnoli, RFC 3720 appendix B.4), the checksum of record batches. */
const table = Uint32Array.from({ length: 256 }, (_, index) => {
  let crc = index;
  for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  return crc;
});

/** Of the bytes from `start` to the end; unsigned. */
export function crc32c(bytes: Uint8Array, start = 0): number {
  let crc = 0xffffffff;
  for (let at = start; at < bytes.length; at++) {
    crc = (crc >>> 8) ^ (table[(crc ^ (bytes[at] ?? 0)) & 0xff] ?? 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}
