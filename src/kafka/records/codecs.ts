import type * as Zlib from "node:zlib";

/** How producers may pack the records of a batch; a batch tells its codec by the index in this list. */
export const compressions = ["none", "gzip", "snappy", "lz4", "zstd"] as const;
export type Compression = (typeof compressions)[number];

/** Packs and unpacks the records of one batch as a whole. Both throw for damaged input only. */
export interface Codec {
  pack(records: Buffer): Buffer;
  unpack(packed: Buffer): Buffer;
}

/** A batch that claims to be larger than this when unpacked is damaged; brokers take 1 MB by default. */
const maxUnpacked = 256 * 1024 * 1024;

/** Loads the library behind a codec; a second time costs nothing. */
export function loadCodec(compression: Compression): Promise<Codec> {
  switch (compression) {
    case "none":
      return Promise.resolve({ pack: (records) => records, unpack: (packed) => packed });
    case "gzip":
      return loadGzip();
    case "snappy":
      return loadSnappy();
    case "lz4":
      return loadLz4();
    case "zstd":
      return loadZstd();
  }
}

async function loadGzip(): Promise<Codec> {
  const { gzipSync, gunzipSync } = await import("node:zlib");
  return {
    pack: (records) => gzipSync(records),
    unpack: (packed) => gunzipSync(packed, { maxOutputLength: maxUnpacked }),
  };
}

/*
 * Snappy is either one block, or blocks in the framing of Java's library (snappy-java,
 * SnappyOutputStream): magic, version INT32, compatible INT32, then (size INT32, block) each. dp writes
 * what Java writes: every client reads it.
 */
const xerialHeader = Buffer.from([
  0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0, 0, 0, 0, 1, 0, 0, 0, 1,
]);
const xerialMagic = xerialHeader.subarray(0, 8);
const xerialBlockBytes = 32 * 1024;

async function loadSnappy(): Promise<Codec> {
  const { compress, uncompress } = (await import("snappyjs")).default;
  return {
    pack(records) {
      const parts: Buffer[] = [xerialHeader];
      for (let at = 0; at < records.length; at += xerialBlockBytes) {
        const block = compress(records.subarray(at, at + xerialBlockBytes));
        const size = Buffer.alloc(4);
        size.writeInt32BE(block.length);
        parts.push(size, block);
      }
      return Buffer.concat(parts);
    },
    unpack(packed) {
      if (!packed.subarray(0, 8).equals(xerialMagic)) return uncompress(packed, maxUnpacked);
      const blocks: Buffer[] = [];
      let at = xerialHeader.length;
      while (at < packed.length) {
        const end = at + 4 + packed.readInt32BE(at);
        if (end <= at + 4 || end > packed.length) throw new RangeError("a snappy block is cut off");
        blocks.push(uncompress(packed.subarray(at + 4, end), maxUnpacked));
        at = end;
      }
      return blocks.length === 1 && blocks[0] !== undefined ? blocks[0] : Buffer.concat(blocks);
    },
  };
}

/** Kafka's LZ4 is the frame format (github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md). */
async function loadLz4(): Promise<Codec> {
  const { compressFrameSync, decompressFrameSync } = await import("lz4-napi");
  return { pack: (records) => compressFrameSync(records), unpack: decompressFrameSync };
}

/** Node has zstd itself from 22.15 on. */
async function loadZstd(): Promise<Codec> {
  const zlib: ZlibWithZstd = await import("node:zlib");
  const { zstdCompressSync, zstdDecompressSync } = zlib;
  if (zstdCompressSync !== undefined && zstdDecompressSync !== undefined) {
    return {
      pack: (records) => zstdCompressSync(records),
      unpack: (packed) => zstdDecompressSync(packed, { maxOutputLength: maxUnpacked }),
    };
  }
  const { init, compress, decompress } = await import("@bokuweb/zstd-wasm");
  await (zstdReady ??= init());
  return {
    pack: (records) => viewOf(compress(records)),
    unpack: (packed) => unpackZstd(packed, decompress),
  };
}

type ZlibOfNode20 = typeof Zlib;

/** With what the types of Node 20 don't know. */
interface ZlibWithZstd extends ZlibOfNode20 {
  readonly zstdCompressSync?: (bytes: Buffer) => Buffer;
  readonly zstdDecompressSync?: (bytes: Buffer, options: { maxOutputLength: number }) => Buffer;
}

/** WebAssembly is made ready once in a process. */
let zstdReady: Promise<void> | undefined;

const firstGuess = 1024 * 1024;
/** ZSTD_error_dstSize_tooSmall (github.com/facebook/zstd/blob/dev/lib/zstd_errors.h). */
const tooSmall = /code -70$/;

/**
 * Java writes frames that don't tell the size of their content: then the room for it is guessed, and
 * guessed again when it was too small.
 */
function unpackZstd(
  packed: Buffer,
  decompress: (packed: Buffer, options: { defaultHeapSize: number }) => Uint8Array,
): Buffer {
  if (zstdContentSize(packed) > maxUnpacked) throw new RangeError("a zstd frame is too large");
  for (let room = Math.max(firstGuess, packed.length * 4); ; room *= 4) {
    try {
      return viewOf(decompress(packed, { defaultHeapSize: room }));
    } catch (error) {
      const isTooSmall = error instanceof Error && tooSmall.test(error.message);
      if (!isTooSmall || room >= maxUnpacked) throw error;
    }
  }
}

/**
 * The size that a frame tells, 0 when it tells none (RFC 8878 section 3.1.1.1): magic 4 bytes,
 * descriptor (bits 6-7 width of the size, bit 5 no window byte, bits 0-1 width of the dictionary id),
 * [window], [dictionary id], [size].
 */
function zstdContentSize(frame: Buffer): number {
  const descriptor = frame.readUInt8(4);
  const hasWindow = (descriptor & 0x20) === 0;
  const at = 5 + (hasWindow ? 1 : 0) + ([0, 1, 2, 4][descriptor & 3] ?? 0);
  switch (descriptor >> 6) {
    case 0:
      return hasWindow ? 0 : frame.readUInt8(at);
    case 1:
      return frame.readUInt16LE(at) + 256;
    case 2:
      return frame.readUInt32LE(at);
    default:
      return Number(frame.readBigUInt64LE(at));
  }
}

function viewOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
