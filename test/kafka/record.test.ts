import { expect, test } from "vitest";
import { ByteSink } from "../../src/kafka/byte-sink.ts";
import { decodeRecords } from "../../src/kafka/decoder.ts";
import { encodeBatch } from "../../src/kafka/encoder.ts";
import { compileFormat, humanWriter, type RecordWriter } from "../../src/kafka/format.ts";
import {
  jsonRecordOf,
  parseJsonRecord,
  parseSeedLine,
  jsonLineWriter,
  type NewRecord,
} from "../../src/kafka/record.ts";
import type { StoredRecord } from "../../src/kafka/stored-record.ts";

const timestamp = Date.parse("2026-11-22T10:00:00.123Z");

function stored(record: Partial<NewRecord>): StoredRecord {
  const bytes = encodeBatch([{ key: null, value: null, headers: [], timestamp, ...record }], {
    compression: "none",
    now: 0,
  });
  const records: StoredRecord[] = [];
  decodeRecords({ topic: "orders", partition: 2, bytes, from: 0, until: 1 }, records);
  const [only] = records;
  if (only === undefined) throw new Error("nothing was decoded");
  return only;
}

function text(write: RecordWriter, record: Partial<NewRecord>): string {
  const sink = new ByteSink();
  write(stored(record), sink);
  return sink.take().toString();
}

const full: Partial<NewRecord> = {
  key: Buffer.from("k"),
  value: Buffer.from("v ü"),
  headers: [
    { key: "a", value: Buffer.from("1") },
    { key: "b", value: null },
    { key: "a", value: Buffer.from("2") },
  ],
};

test("every verb of the format must be filled in", () => {
  expect(text(compileFormat("%t %p %o %T %k %v %h\\n"), full)).toBe(
    `orders 2 0 ${timestamp} k v ü a=1,b=,a=2\n`,
  );
  expect(text(compileFormat("%D|%K|%V|%%|\\t|\\\\"), full)).toBe(
    "2026-11-22T10:00:00.123Z|1|4|%|\t|\\",
  );
});

test("null must write nothing, and tell itself from empty by its length", () => {
  expect(text(compileFormat("[%k][%v] %K %V"), { value: Buffer.alloc(0) })).toBe("[][] -1 0");
});

test("values must be written byte for byte", () => {
  const sink = new ByteSink();
  compileFormat("%v")(stored({ value: Buffer.from([0, 0xff, 0x80]) }), sink);
  expect(sink.take()).toEqual(Buffer.from([0, 0xff, 0x80]));
});

test.each(["%x", "50%", "\\q", "%"])('the format "%s" must be refused as wrong usage', (format) => {
  expect(() => compileFormat(format)).toThrow(expect.objectContaining({ code: "usage" }));
});

test("the line for people must show key, value and tombstone", () => {
  const write = humanWriter();
  expect(text(write, full)).toBe("2:0  2026-11-22T10:00:00.123Z  k  v ü\n");
  expect(text(write, { key: Buffer.from("k") })).toBe(
    "2:0  2026-11-22T10:00:00.123Z  k  (tombstone)\n",
  );
  expect(
    text(
      humanWriter((topic) => topic),
      { value: Buffer.from("v") },
    ),
  ).toBe("orders  2:0  2026-11-22T10:00:00.123Z  -  v\n");
});

test("the JSON line must have the shape of the contract", () => {
  expect(text(jsonLineWriter(), full)).toBe(
    `{"topic":"orders","partition":2,"offset":0,"timestamp":${timestamp},"key":"k","value":"v ü","headers":[{"key":"a","value":"1"},{"key":"b","value":null},{"key":"a","value":"2"}]}\n`,
  );
  expect(JSON.parse(text(jsonLineWriter(), full))).toEqual(jsonRecordOf(stored(full)));
});

test("null, empty and bytes that are not UTF-8 must differ in JSON", () => {
  const parsed = (record: Partial<NewRecord>): unknown =>
    (JSON.parse(text(jsonLineWriter(), record)) as { value: unknown }).value;
  expect(parsed({ value: null })).toBeNull();
  expect(parsed({ value: Buffer.alloc(0) })).toBe("");
  expect(parsed({ value: Buffer.from([0xff, 0]) })).toEqual({ base64: "/wA=" });
});

test.each<[string, Partial<NewRecord>]>([
  ["text", full],
  ["a tombstone", { key: Buffer.from("k"), value: null }],
  ["an empty value", { key: Buffer.alloc(0), value: Buffer.alloc(0) }],
  ["bytes", { key: Buffer.from([0x80]), value: Buffer.from([0xff, 0, 0xfe]) }],
  ["text that looks like base64 JSON", { value: Buffer.from('{"base64":"/wA="}') }],
  ["lines and quotes", { value: Buffer.from('a\n"b"\u2028\t\\') }],
])("%s must survive tail --json into produce --json", (_name, record) => {
  const { key = null, value = null, headers = [] } = record;
  expect(parseJsonRecord(text(jsonLineWriter(), record))).toEqual({
    key,
    value,
    headers,
    timestamp,
  });
});

test("a line that is no record must be refused with the reason", () => {
  for (const line of ["", "[]", "1", "{", '{"key":"k"}', '{"value":"v","headers":{"a":"1"}}']) {
    expect(() => parseJsonRecord(line)).toThrow(expect.objectContaining({ code: "usage" }));
  }
});

test("a value that is JSON must be written as its text", () => {
  expect(parseJsonRecord('{"value":{"id":1}}').value?.toString()).toBe('{"id":1}');
});

test("a seed line must be a record only when it has nothing that a record has not", () => {
  expect(parseSeedLine('{"key":"a","value":{"id":1}}')).toMatchObject({
    key: Buffer.from("a"),
    value: Buffer.from('{"id":1}'),
  });
  const order = '{"id":1,"value":12.5}';
  expect(parseSeedLine(order)).toEqual({ key: null, value: Buffer.from(order), headers: [] });
  expect(parseSeedLine("plain").value?.toString()).toBe("plain");
});
