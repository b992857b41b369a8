/**
 * CRC-32C (Castagnoli, RFC 3720 appendix B.4), the checksum of record batches, eight bytes a step
 * ("slicing by 8", Kounavis and Berry 2008): table n holds what a byte becomes n bytes later.
 */
const [t0, t1, t2, t3, t4, t5, t6, t7] = makeTables();

type Tables = readonly [
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
];

function makeTables(): Tables {
  const first = Int32Array.from({ length: 256 }, (_, index) => {
    let crc = index;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
    return crc;
  });
  const later = (before: Int32Array): Int32Array =>
    before.map((crc) => (crc >>> 8) ^ (first[crc & 0xff] ?? 0));
  const second = later(first);
  const third = later(second);
  const fourth = later(third);
  const fifth = later(fourth);
  const sixth = later(fifth);
  const seventh = later(sixth);
  return [first, second, third, fourth, fifth, sixth, seventh, later(seventh)];
}

/** Words are read as the machine has them. */
const isLittleEndian = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;

/** Of the bytes from `start` to the end; unsigned. */
export function crc32c(bytes: Uint8Array, start = 0): number {
  const { length, byteOffset, buffer } = bytes;
  const aligned = Math.min(length, start + (-(byteOffset + start) & 3));
  let crc = byByte(bytes, { crc: -1, start, end: aligned });
  const words = new Int32Array(
    buffer,
    byteOffset + aligned,
    isLittleEndian ? (length - aligned) >>> 2 : 0,
  );
  const pairs = words.length - (words.length % 2);
  for (let index = 0; index < pairs; index += 2) {
    const low = crc ^ (words[index] ?? 0);
    const high = words[index + 1] ?? 0;
    crc =
      (t7[low & 0xff] ?? 0) ^
      (t6[(low >>> 8) & 0xff] ?? 0) ^
      (t5[(low >>> 16) & 0xff] ?? 0) ^
      (t4[low >>> 24] ?? 0) ^
      (t3[high & 0xff] ?? 0) ^
      (t2[(high >>> 8) & 0xff] ?? 0) ^
      (t1[(high >>> 16) & 0xff] ?? 0) ^
      (t0[high >>> 24] ?? 0);
  }
  crc = byByte(bytes, { crc, start: aligned + pairs * 4, end: length });
  return ~crc >>> 0;
}

function byByte(
  bytes: Uint8Array,
  from: { readonly crc: number; readonly start: number; readonly end: number },
): number {
  let { crc } = from;
  for (let at = from.start; at < from.end; at++) {
    crc = (crc >>> 8) ^ (t0[(crc ^ (bytes[at] ?? 0)) & 0xff] ?? 0);
  }
  return crc;
}
