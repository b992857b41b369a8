import { gunzipSync } from "node:zlib";

/** A codec that dp can't read; the message is its name. */
export class UnknownCodec extends Error {}

/** Unpacks the records of a batch; `codec` is what bits 0-2 of its attributes say. */
export function unpack(packed: Buffer, codec: number): Buffer {
  switch (codec) {
    case 0:
      return packed;
    case 1:
      return gunzipSync(packed);
    case 2:
      return unpackSnappy(packed);
    case 3:
      return unpackLz4(packed);
    case 4:
      throw new UnknownCodec("zstd");
    default:
      throw new UnknownCodec(`codec ${codec}`);
  }
}

const xerialMagic = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0]);

/**
 * Snappy, either one block, or blocks in the framing of Java's library (snappy-java,
 * SnappyOutputStream): magic, version INT32, compatible INT32, then (size INT32, block) each.
 */
function unpackSnappy(packed: Buffer): Buffer {
  if (!packed.subarray(0, 8).equals(xerialMagic)) return unpackSnappyBlock(packed);
  const blocks: Buffer[] = [];
  let at = 16;
  while (at + 4 <= packed.length) {
    const size = packed.readInt32BE(at);
    blocks.push(unpackSnappyBlock(packed.subarray(at + 4, at + 4 + size)));
    at += 4 + size;
  }
  return Buffer.concat(blocks);
}

/**
 * github.com/google/snappy/blob/main/format_description.txt, all little-endian: the unpacked size as a
 * varint, then elements, told apart by the two low bits of their first byte:
 *   0  literal: length - 1 in the upper 6 bits, or from 60 on in the 1 to 4 bytes that follow
 *   1  copy of 4 to 11 bytes, 11 bits of offset    2, 3  copy of 1 to 64, offset in 2 or 4 bytes
 */
function unpackSnappyBlock(block: Buffer): Buffer {
  let at = 0;
  let size = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = block.readUInt8(at++);
    size |= (byte & 0x7f) << shift;
    if (byte < 0x80) break;
  }
  const out = Buffer.alloc(size);
  let filled = 0;
  while (at < block.length) {
    const tag = block.readUInt8(at++);
    let length = (tag >> 2) + 1;
    if ((tag & 3) === 0) {
      if (length > 60) {
        const bytes = length - 60;
        length = block.readUIntLE(at, bytes) + 1;
        at += bytes;
      }
      filled += block.copy(out, filled, at, at + length);
      at += length;
      continue;
    }
    let offset: number;
    if ((tag & 3) === 1) {
      length = ((tag >> 2) & 7) + 4;
      offset = ((tag >> 5) << 8) | block.readUInt8(at++);
    } else {
      const bytes = (tag & 3) === 2 ? 2 : 4;
      offset = block.readUIntLE(at, bytes);
      at += bytes;
    }
    filled = copyBack(out, { filled, offset, length });
  }
  if (filled !== size) throw new RangeError("a snappy block is cut off");
  return out;
}

/** The bytes copied may be among those that the copy itself makes. */
function copyBack(
  out: Buffer,
  copy: { readonly filled: number; readonly offset: number; readonly length: number },
): number {
  const { filled, offset, length } = copy;
  const from = filled - offset;
  if (offset === 0 || from < 0) throw new RangeError("a copy reaches before the beginning");
  if (filled + length > out.length) throw new RangeError("a copy reaches past the end");
  for (let index = 0; index < length; index++) out[filled + index] = out[from + index] ?? 0;
  return filled + length;
}

/**
 * The LZ4 frame, little-endian (github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md): magic UINT32,
 * flags, sizes, [content size 8 bytes], [dictionary 4 bytes], checksum; blocks: size UINT32 (high bit:
 * not compressed, 0: the last), data, [checksum 4 bytes]. Blocks may copy from those before them.
 */
function unpackLz4(packed: Buffer): Buffer {
  if (packed.readUInt32LE(0) !== 0x184d2204) throw new RangeError("not an LZ4 frame");
  const flags = packed.readUInt8(4);
  const maxBlock = 1 << (2 * ((packed.readUInt8(5) >> 4) & 7) + 8);
  const blockTrailer = (flags & 0x10) === 0 ? 0 : 4;
  let at = 7 + ((flags & 0x08) === 0 ? 0 : 8) + ((flags & 0x01) === 0 ? 0 : 4);
  let out = Buffer.alloc(maxBlock);
  let filled = 0;
  for (;;) {
    const word = packed.readUInt32LE(at);
    at += 4;
    if (word === 0) return out.subarray(0, filled);
    const end = at + (word & 0x7fffffff);
    if (end > packed.length) throw new RangeError("an LZ4 block is cut off");
    if (filled + maxBlock > out.length) out = Buffer.concat([out], filled * 2 + maxBlock);
    const block = packed.subarray(at, end);
    if (word >= 0x80000000) filled += block.copy(out, filled);
    else filled = unpackLz4Block(block, out, filled);
    at = end + blockTrailer;
  }
}

/**
 * lz4_Block_format.md: sequences of token (4 bits literal length, 4 bits match length - 4; 15 goes on in
 * bytes up to one below 255), literals, offset UINT16, match. The last sequence ends after its literals.
 */
function unpackLz4Block(block: Buffer, out: Buffer, start: number): number {
  let filled = start;
  let at = 0;
  const readLength = (nibble: number): number => {
    let length = nibble;
    if (nibble < 15) return length;
    for (;;) {
      const byte = block.readUInt8(at++);
      length += byte;
      if (byte < 255) return length;
    }
  };
  for (;;) {
    const token = block.readUInt8(at++);
    const literals = readLength(token >> 4);
    if (filled + literals > out.length) throw new RangeError("a literal reaches past the end");
    block.copy(out, filled, at, at + literals);
    filled += literals;
    at += literals;
    if (at >= block.length) return filled;
    const offset = block.readUInt16LE(at);
    at += 2;
    filled = copyBack(out, { filled, offset, length: readLength(token & 15) + 4 });
  }
}
