import { gzipSync } from "node:zlib";
import type { NewRecord } from "./record.ts";
import { ByteWriter } from "./wire/bytes.ts";
import { crc32c } from "./wire/crc32c.ts";

export type Compression = "none" | "gzip";

/**
 * Records as one batch, in the grammar that decoder.ts gives. Records without a timestamp get `now`
 * (epoch milliseconds). There must be at least one.
 */
export function encodeBatch(
  records: readonly NewRecord[],
  options: { readonly compression: Compression; readonly now: number },
): Buffer {
  const { compression, now } = options;
  const baseTimestamp = records[0]?.timestamp ?? now;
  let maxTimestamp = baseTimestamp;
  const body = new ByteWriter();
  for (const [index, record] of records.entries()) {
    const timestamp = record.timestamp ?? now;
    maxTimestamp = Math.max(maxTimestamp, timestamp);
    writeRecord(body, { record, offsetDelta: index, timestampDelta: timestamp - baseTimestamp });
  }
  const plain = body.finish();
  const packed = compression === "gzip" ? gzipSync(plain) : plain;
  const batch = new ByteWriter()
    .int64(0)
    .int32(packed.length + 49)
    .int32(-1)
    .int8(2)
    .int32(0)
    .int16(compression === "gzip" ? 1 : 0)
    .int32(records.length - 1)
    .int64(baseTimestamp)
    .int64(maxTimestamp)
    .int64(-1)
    .int16(-1)
    .int32(-1)
    .int32(records.length)
    .raw(packed)
    .finish();
  // The checksum covers all that follows it.
  batch.writeUInt32BE(crc32c(batch, 21), 17);
  return batch;
}

function writeRecord(
  body: ByteWriter,
  options: { record: NewRecord; offsetDelta: number; timestampDelta: number },
): void {
  const { record, offsetDelta, timestampDelta } = options;
  const { key, value } = record;
  const headers = record.headers.map((header) => ({
    key: Buffer.from(header.key),
    value: header.value,
  }));
  let size = 1 + sizeOfVarint(timestampDelta) + sizeOfVarint(offsetDelta);
  size += sizeOfBytes(key) + sizeOfBytes(value) + sizeOfVarint(headers.length);
  for (const header of headers) size += sizeOfBytes(header.key) + sizeOfBytes(header.value);
  body.varint(size).int8(0).varint(timestampDelta).varint(offsetDelta);
  writeBytes(body, key);
  writeBytes(body, value);
  body.varint(headers.length);
  for (const header of headers) {
    writeBytes(body, header.key);
    writeBytes(body, header.value);
  }
}

function writeBytes(body: ByteWriter, bytes: Buffer | null): void {
  if (bytes === null) body.varint(-1);
  else body.varint(bytes.length).raw(bytes);
}

function sizeOfBytes(bytes: Buffer | null): number {
  return bytes === null ? 1 : sizeOfVarint(bytes.length) + bytes.length;
}

function sizeOfVarint(value: number): number {
  let rest = value < 0 ? -2 * value - 1 : 2 * value;
  let size = 1;
  for (; rest > 0x7f; size++) rest = Math.floor(rest / 128);
  return size;
}
