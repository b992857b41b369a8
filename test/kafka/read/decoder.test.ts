import { crc32c } from "@node-rs/crc32";
import { expect, test } from "vitest";
import { decodeRecords, type PartitionBytes } from "../../../src/kafka/read/decoder.ts";
import { compressions, loadCodec } from "../../../src/kafka/records/codecs.ts";
import { encodeBatch, loadPacking } from "../../../src/kafka/produce/encoder.ts";
import type { NewRecord } from "../../../src/kafka/records/record.ts";
import { createRandom } from "../../support/random.ts";
import type { StoredRecord } from "../../../src/kafka/records/stored-record.ts";

/** What Kafka 3.9's console producer wrote of three records, as a broker returned it. */
const written = {
  none: "AAAAAAAAAAAAAAB+AAAAAAKNds5MAAAAAAACAAABogSVIfoAAAGiBJUiAQAAAAAAAAABAAAAAAAAAAAAAzIAAAAEazEKaGVsbG8EBGgxBHYxBGgyBHYyHAAOAgRrMgECBGgxBMO8RgAOBAE6aGVsbG8gaGVsbG8gaGVsbG8gaGVsbG8gaGVsbG8A",
  gzip: "AAAAAAAAAAAAAAB4AAAAAAI6FcI7AAEAAAACAAABogSVJLYAAAGiBJUkwgAAAAAAAAACAAAAAAAAAAAAAx+LCAAAAAAAAP8zYmBgYMk25MpIzcnJZ2HJMGQpM2TJMGIpM5JhEGNiyTZiZAIJHt7jxiDBwmgFVqaAg2QAAM87HQJNAAAA",
  snappy:
    "AAAAAAAAAAAAAAB/AAAAAAJu6CQcAAIAAAACAAABogSVKOYAAAGiBJUpIQAAAAAAAAADAAAAAAAAAAAAA4JTTkFQUFkAAAAAAQAAAAEAAAA6TbgyAAAABGsxCmhlbGxvBARoMQR2MQRoMgR2MhwAdgIEazIBAgRoMQTDvEYAdgQBOgUnACBaBgAAAA==",
  lz4: "AAAAAAAAAAAAAAB9AAAAAALkxmwAAAMAAAACAAABogSVLOEAAAGiBJUs+wAAAAAAAAAEAAAAAAAAAAAAAwQiTRhgQII9AAAA8BQyAAAABGsxCmhlbGxvBARoMQR2MQRoMgR2MhwANAIEazIBAhUAgcO8RgA0BAE6JwAfIAYAAFBlbGxvAAAAAAA=",
  zstd: "AAAAAAAAAAAAAAB4AAAAAAL+jWBJAAQAAAACAAABogSVMJkAAAGiBJUwugAAAAAAAAAFAAAAAAAAAAAAAyi1L/0AWNwBABQDMgAAAARrMQpoZWxsbwQEaDEEdjEEaDIEdjIcAEICBGsyAQIEaDEEw7xGAEIEATogAAIAKVVcCaoMAQAA",
};

const expected = [
  {
    key: "k1",
    value: "hello",
    headers: [
      { key: "h1", value: "v1" },
      { key: "h2", value: "v2" },
    ],
  },
  { key: "k2", value: null, headers: [{ key: "h1", value: "ü" }] },
  { key: null, value: "hello hello hello hello hello", headers: [] },
];

const loaded = await Promise.all(compressions.map((name) => loadCodec(name)));
const codecs = new Map(loaded.entries());
const plain = await loadPacking("none");

function decode(bytes: Buffer, more: Partial<PartitionBytes> = {}) {
  const records: StoredRecord[] = [];
  const whole = { topic: "t", partition: 3, from: 0, until: Number.POSITIVE_INFINITY };
  const next = decodeRecords({ ...whole, bytes, codecs, ...more }, records);
  return { records, next };
}

function contentOf({ key, value, headers }: StoredRecord) {
  const text = (bytes: Buffer | null) => bytes && bytes.toString();
  return {
    key: text(key),
    value: text(value),
    headers: headers.map((header) => ({ key: header.key, value: text(header.value) })),
  };
}

test.each(["none", "gzip", "snappy", "lz4", "zstd"] as const)(
  "a batch that Java wrote with %s must be read",
  (codec) => {
    const { records, next } = decode(Buffer.from(written[codec], "base64"));
    expect(records.map(contentOf)).toEqual(expected);
    expect(records.map(({ offset }) => offset)).toEqual([0, 1, 2]);
    expect(records[0]?.topic).toBe("t");
    expect(records[0]?.partition).toBe(3);
    expect(new Date(Number(records[0]?.timestamp)).toISOString()).toMatch(/^2026-11-22T18:/);
    expect(next).toBe(3);
  },
);

test("a batch whose codec nobody knows must be told as one record", () => {
  const bytes = Buffer.from(written.none, "base64");
  bytes.writeInt16BE(7, 21);
  const { records, next } = decode(bytes);
  expect(records.map(({ offset }) => offset)).toEqual([0]);
  expect(records[0]?.problem).toBe("cannot decode (offsets 0 to 2: codec 7)");
  expect(records[0]?.value).toBeNull();
  expect(records[0]?.headers).toEqual([]);
  expect(next).toBe(3);
});

test("records before the wanted offset must be left out", () => {
  const bytes = Buffer.from(written.none, "base64");
  expect(decode(bytes, { from: 2 }).records.map(({ offset }) => offset)).toEqual([2]);
  expect(decode(bytes, { from: 2 }).next).toBe(3);
});

test("records from the wanted end on must be left out", () => {
  const bytes = Buffer.from(written.none, "base64");
  expect(decode(bytes, { until: 1 }).records.map(({ offset }) => offset)).toEqual([0]);
});

test("a batch that is cut off must wait for the next answer", () => {
  const bytes = Buffer.from(written.none, "base64");
  const two = Buffer.concat([bytes, bytes.subarray(0, 100)]);
  expect(decode(two)).toMatchObject({ next: 3 });
  expect(decode(two).records).toHaveLength(3);
  expect(decode(bytes.subarray(0, 70))).toEqual({ records: [], next: 0 });
  expect(decode(Buffer.alloc(0))).toEqual({ records: [], next: 0 });
});

test("a control batch must be skipped, and its offset counted", () => {
  const bytes = Buffer.from(written.none, "base64");
  bytes.writeInt16BE(0x30, 21);
  expect(decode(bytes)).toEqual({ records: [], next: 3 });
});

test("with append time every record must have the batch's last timestamp", () => {
  const bytes = Buffer.from(written.none, "base64");
  bytes.writeInt16BE(0x08, 21);
  const { records } = decode(bytes);
  expect(new Set(records.map(({ timestamp }) => timestamp)).size).toBe(1);
  expect(records[0]?.timestamp).toBe(Number(bytes.readBigInt64BE(35)));
});

test("a damaged batch must be told, and the one after it read", () => {
  const damaged = Buffer.from(written.none, "base64");
  damaged.fill(0xff, 61, 80);
  const { records, next } = decode(Buffer.concat([damaged, later(10)]));
  expect(records.map(({ problem }) => problem)).toEqual([
    "cannot decode (offsets 0 to 2: a record is cut off)",
    undefined,
  ]);
  expect(records.map(({ offset }) => offset)).toEqual([0, 10]);
  expect(next).toBe(11);
});

test("a batch that does not match its checksum must be told when that is asked for", () => {
  const bytes = Buffer.from(written.zstd, "base64");
  expect(decode(bytes, { crc32c }).records.map(contentOf)).toEqual(expected);
  // The content of a header, which nothing else would tell from what was written.
  bytes.writeInt32BE(bytes.readInt32BE(30) + 1, 30);
  expect(decode(bytes).records.map(contentOf)).toEqual(expected);
  const { records, next } = decode(bytes, { crc32c });
  expect(records.map(({ problem }) => problem)).toEqual([
    expect.stringMatching(
      /^cannot decode \(offsets 0 to 2: its checksum is [0-9a-f]{8}, it says fe8d6049\)$/,
    ),
  ]);
  expect(next).toBe(3);
});

test.each(compressions)(
  "damaged bytes of a batch in %s must not end the reading",
  async (compression) => {
    const packing = await loadPacking(compression);
    const many = Array.from({ length: 50 }, (_, index) => record({ value: `value ${index}` }));
    const whole = encodeBatch(many, { packing, now: 1 });
    const random = createRandom(61);
    for (let round = 0; round < 300; round++) {
      const bytes = Buffer.from(whole);
      for (let change = random.below(4); change >= 0; change--) {
        bytes[12 + random.below(bytes.length - 12)] = random.below(256);
      }
      const { records, next } = decode(bytes);
      expect(next).toBeGreaterThan(0);
      expect(records.length).toBeLessThanOrEqual(50);
      for (const { headers, key, value } of records) void [headers, key, value];
      const cut = whole.subarray(0, random.below(whole.length));
      expect(decode(cut)).toEqual({ records: [], next: 0 });
    }
  },
);

test("batches that all claim to lie before what was asked for must not be asked for again", () => {
  const { records, next } = decode(later(3), { from: 100 });
  expect(records.map(({ offset, problem }) => [offset, problem])).toEqual([
    [100, "cannot decode (damaged batch)"],
  ]);
  expect(next).toBe(101);
});

test("records of aborted transactions must be left out, of each producer on its own", () => {
  const batches = [
    inTransaction(0, 7, "a"),
    inTransaction(1, 8, "b"),
    inTransaction(2, 7, "c"),
    marker(3, { producerId: 7, type: abort }),
    inTransaction(4, 7, "d"),
    later(5),
    marker(6, { producerId: 8, type: commit }),
    marker(7, { producerId: 7, type: commit }),
  ];
  const bytes = Buffer.concat(batches);
  const aborted = [{ producerId: 7, firstOffset: 0 }];
  const offsets = (more: Partial<PartitionBytes>) =>
    decode(bytes, more).records.map(({ offset }) => offset);
  expect(offsets({})).toEqual([0, 1, 2, 4, 5]);
  expect(offsets({ aborted })).toEqual([1, 4, 5]);
  expect(decode(bytes, { aborted }).next).toBe(8);
});

test("offsets beyond 32 bits must be exact", () => {
  const { records, next } = decode(later(2 ** 40 + 5), { from: 2 ** 40 });
  expect(records[0]?.offset).toBe(2 ** 40 + 5);
  expect(next).toBe(2 ** 40 + 6);
});

test("an old message format must be told, not end the reading", () => {
  const old = Buffer.alloc(40);
  old.writeInt32BE(28, 8);
  old.writeInt8(1, 16);
  const { records, next } = decode(Buffer.concat([old, later(1)]));
  expect(records.map(({ problem }) => problem)).toEqual([
    "cannot decode (offset 0: record format 1)",
    undefined,
  ]);
  expect(next).toBe(2);
});

test.each(compressions)("what dp writes with %s must come back as it was", async (compression) => {
  const records: NewRecord[] = [
    {
      key: Buffer.from("k"),
      value: Buffer.alloc(300, 0xfe),
      headers: [
        { key: "a", value: Buffer.from("1") },
        { key: "b", value: null },
        { key: "a", value: Buffer.alloc(0) },
      ],
      timestamp: 1_700_000_000_000,
    },
    { key: Buffer.alloc(0), value: Buffer.alloc(0), headers: [], timestamp: 1_600_000_000_000 },
    // More than a first guess of what is inside, and than a block of snappy.
    { key: null, value: Buffer.alloc(3_000_000, "0123456789"), headers: [] },
    { key: null, value: null, headers: [] },
  ];
  const packing = await loadPacking(compression);
  const bytes = encodeBatch(records, { packing, now: 1_800_000_000_000 });
  const read = decode(bytes, { crc32c }).records;
  // Strings of this size are compared at once, buffers byte by byte.
  const contents = (all: readonly Omit<NewRecord, "timestamp">[]) =>
    all.map(({ key, value, headers }) => ({
      key,
      value: value && value.toString("latin1"),
      headers,
    }));
  expect(contents(read)).toEqual(contents(records));
  expect(read.map(({ timestamp }) => timestamp)).toEqual([
    1_700_000_000_000, 1_600_000_000_000, 1_800_000_000_000, 1_800_000_000_000,
  ]);
});

function record({ value }: { value: string }): NewRecord {
  return { key: null, value: Buffer.from(value), headers: [] };
}

/** One record at an offset. */
function later(offset: number, value = "x"): Buffer {
  const batch = encodeBatch([record({ value })], { packing: plain, now: 1 });
  batch.writeBigInt64BE(BigInt(offset), 0);
  return batch;
}

function inTransaction(offset: number, producerId: number, value: string): Buffer {
  const batch = later(offset, value);
  batch.writeInt16BE(0x10, 21);
  batch.writeBigInt64BE(BigInt(producerId), 43);
  return batch;
}

const abort = 0;
const commit = 1;

function marker(offset: number, of: { producerId: number; type: number }): Buffer {
  const key = Buffer.from([0, 0, 0, of.type]);
  const batch = encodeBatch([{ key, value: Buffer.alloc(6), headers: [] }], {
    packing: plain,
    now: 1,
  });
  batch.writeBigInt64BE(BigInt(offset), 0);
  batch.writeInt16BE(0x30, 21);
  batch.writeBigInt64BE(BigInt(of.producerId), 43);
  return batch;
}
