import { expect, test } from "vitest";
import { decodeRecords } from "../../src/kafka/decoder.ts";
import { encodeBatch } from "../../src/kafka/encoder.ts";
import { jsonRecordOf, type NewRecord } from "../../src/kafka/record.ts";
import type { StoredRecord } from "../../src/kafka/stored-record.ts";

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

function decode(bytes: Buffer, range: { from?: number; until?: number } = {}) {
  const records: StoredRecord[] = [];
  const { from = 0, until = Number.POSITIVE_INFINITY } = range;
  const next = decodeRecords({ topic: "t", partition: 3, bytes, from, until }, records);
  return { records, next };
}

function contentOf(record: StoredRecord) {
  const { key, value, headers } = jsonRecordOf(record);
  return { key, value, headers };
}

test.each(["none", "gzip", "snappy", "lz4"] as const)(
  "a batch that Java wrote with %s must be read",
  (codec) => {
    const { records, next } = decode(Buffer.from(written[codec], "base64"));
    expect(records.map(contentOf)).toEqual(expected);
    expect(records.map(({ offset }) => offset)).toEqual([0, 1, 2]);
    expect(records[0]?.topic).toBe("t");
    expect(records[0]?.partition).toBe(3);
    expect(new Date(records[0]?.timestamp ?? 0).toISOString()).toMatch(/^2026-11-22T18:/);
    expect(next).toBe(3);
  },
);

test("each record of a batch in zstd must say that it can't be decoded", () => {
  const { records, next } = decode(Buffer.from(written.zstd, "base64"));
  expect(records.map(({ offset }) => offset)).toEqual([0, 1, 2]);
  expect(records[1]?.problem).toBe("cannot decode (zstd)");
  expect(records[1]?.value).toBeNull();
  expect(records[1]?.headers).toEqual([]);
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
    "cannot decode (damaged batch)",
    "cannot decode (damaged batch)",
    "cannot decode (damaged batch)",
    undefined,
  ]);
  expect(records[3]?.offset).toBe(10);
  expect(next).toBe(11);
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
    "cannot decode (record format 1)",
    undefined,
  ]);
  expect(next).toBe(2);
});

test.each(["none", "gzip"] as const)(
  "what dp writes with %s must come back as it was",
  (compression) => {
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
      { key: null, value: null, headers: [] },
    ];
    const bytes = encodeBatch(records, { compression, now: 1_800_000_000_000 });
    const read = decode(bytes).records;
    expect(read.map(({ key, value, headers }) => ({ key, value, headers }))).toEqual(
      records.map(({ key, value, headers }) => ({ key, value, headers })),
    );
    expect(read.map(({ timestamp }) => timestamp)).toEqual([
      1_700_000_000_000, 1_600_000_000_000, 1_800_000_000_000,
    ]);
  },
);

/** One record at an offset. */
function later(offset: number): Buffer {
  const batch = encodeBatch([{ key: null, value: Buffer.from("x"), headers: [] }], {
    compression: "none",
    now: 1,
  });
  batch.writeBigInt64BE(BigInt(offset), 0);
  return batch;
}
