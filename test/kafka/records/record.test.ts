import { expect, test } from "vitest";
import { parseDecoding } from "../../../src/kafka/records/decoding.ts";
import { compileFormat } from "../../../src/kafka/records/format.ts";
import { jsonLineWriter } from "../../../src/kafka/records/json-line.ts";
import {
  parseJsonRecord,
  parseSeedLine,
  type NewRecord,
  type SeedFormat,
} from "../../../src/kafka/records/record.ts";
import { createRandom } from "../../support/random.ts";
import { randomJson } from "../../support/random-json.ts";
import { randomRecord } from "../../support/random-record.ts";
import { storedAt, textOf } from "../../support/stored-record.ts";

const full: Partial<NewRecord> = {
  key: Buffer.from("k"),
  value: Buffer.from("v ü"),
  headers: [
    { key: "a", value: Buffer.from("1") },
    { key: "b", value: null },
    { key: "a", value: Buffer.from("2") },
  ],
};

const lineOf = (record: Partial<NewRecord>): string => textOf(jsonLineWriter(), record);

test("the JSON line must have the shape of the contract", () => {
  expect(lineOf(full)).toBe(
    `{"topic":"orders","partition":2,"offset":0,"timestamp":${storedAt},"key":"k","value":"v ü","headers":[{"key":"a","value":"1"},{"key":"b","value":null},{"key":"a","value":"2"}]}\n`,
  );
});

test("null, empty and bytes that are not UTF-8 must differ in JSON", () => {
  const parsed = (record: Partial<NewRecord>): unknown =>
    (JSON.parse(lineOf(record)) as { value: unknown }).value;
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
  expect(parseJsonRecord(lineOf(record))).toEqual({
    key,
    value,
    headers,
    timestamp: storedAt,
  });
});

test("random records must survive tail --json into produce --json", () => {
  const random = createRandom(6);
  for (let count = 0; count < 500; count++) {
    const { key, value, headers, timestamp } = randomRecord(random);
    const line = lineOf({ key, value, headers, timestamp });
    const read = parseJsonRecord(line);
    expect(read).toEqual({ key, value, headers, timestamp });
    expect(lineOf(read)).toBe(line);
  }
});

test("a record without a time must be read as one without a time, and none given as now", () => {
  expect(parseJsonRecord(lineOf({ timestamp: -1 })).timestamp).toBe(-1);
  expect(parseJsonRecord('{"value":"v"}').timestamp).toBeUndefined();
  expect(parseJsonRecord('{"value":"v","timestamp":null}').timestamp).toBeUndefined();
});

test("a terminal must get JSON of the same meaning without control characters", () => {
  const record = { value: Buffer.from("\u009B31m\u007F\u202E\u001Bü") };
  const line = textOf(jsonLineWriter({ visible: true }), record);
  expect(line).toContain(String.raw`"value":"\u009b31m\u007f\u202e\u001bü"`);
  expect(JSON.parse(line)).toEqual(JSON.parse(lineOf(record)));
});

test("decoded numbers and JSON must stand in the line as such, else as text", () => {
  const decoded = (kinds: string, value: Buffer): unknown => {
    const writer = jsonLineWriter({ decoding: parseDecoding(kinds) });
    return (JSON.parse(textOf(writer, { value })) as { value: unknown }).value;
  };
  expect(decoded("int32", Buffer.from([0, 0, 1, 0]))).toBe(256);
  expect(decoded("float64", Buffer.from("7ff8000000000000", "hex"))).toBe("NaN");
  expect(decoded("json", Buffer.from('{"a":\n[1]}'))).toEqual({ a: [1] });
  expect(decoded("json", Buffer.from("{"))).toBe("{");
  expect(decoded("hex", Buffer.from([0xff]))).toBe("ff");
  expect(decoded("confluent", Buffer.from([0, 0, 0, 0, 9, 0xff]))).toEqual({ base64: "/w==" });
});

test.each([
  ["a time that is no whole number", '{"value":"v","timestamp":1.5}'],
  ["a time of more than 64 bits", '{"value":"v","timestamp":9223372036854775808}'],
  ["a time in words", '{"value":"v","timestamp":"now"}'],
  ["base64 of no bytes", '{"value":{"base64":"A"}}'],
  ["base64 with other characters", '{"value":{"base64":"a-_="}}'],
  ["a header without a key", '{"value":"v","headers":[{"value":"1"}]}'],
  ["a header's key that is an object", '{"value":"v","headers":[{"key":{"a":1}}]}'],
  ["headers as an object", '{"value":"v","headers":{"a":"1"}}'],
  ["a record that tail could not read", '{"value":null,"problem":"cannot decode"}'],
])("%s must be refused", (_name, line) => {
  expect(() => parseJsonRecord(line)).toThrow(expect.objectContaining({ code: "usage" }));
});

test("a line that is no record must be refused with the reason", () => {
  for (const line of ["", "[]", "1", "{", '{"key":"k"}', '{"value":"v","headers":{"a":"1"}}']) {
    expect(() => parseJsonRecord(line)).toThrow(expect.objectContaining({ code: "usage" }));
  }
});

test("JSON that is not a string is its own text in keys, values and headers", () => {
  const random = createRandom(3);
  const meant = (text: string): Buffer | null => {
    if (text === "null") return null;
    return Buffer.from(text.startsWith('"') ? (JSON.parse(text) as string) : text);
  };
  for (let count = 0; count < 500; count++) {
    const [key, value, header] = [randomJson(random), randomJson(random), randomJson(random)];
    const line = `{"key": ${key} , "value":${value},"headers":[ {"key":"h","value": ${header} }]}`;
    expect(parseJsonRecord(line)).toEqual({
      key: meant(key),
      value: meant(value),
      headers: [{ key: "h", value: meant(header) }],
      timestamp: undefined,
    });
  }
});

test("JSON that --decode json has shown is read back as it was stored", () => {
  const random = createRandom(5);
  const writer = jsonLineWriter({ decoding: parseDecoding("key=json,value=json") });
  for (let count = 0; count < 500; count++) {
    const texts = [randomJson(random), randomJson(random)];
    // A string becomes its characters, and null is no value.
    if (texts.some((text) => /^["n]/.test(text))) continue;
    const [key, value] = texts.map((text) => Buffer.from(text));
    expect(
      parseJsonRecord(textOf(writer, { key: key ?? null, value: value ?? null })),
    ).toMatchObject({ key, value });
  }
});

test.each([
  "9223372036854775807",
  "-9223372036854775808",
  "1790000000123456789",
  "9007199254740992",
])("timestamp %s is read and printed digit by digit", (digits) => {
  const line = lineOf(parseJsonRecord(`{"value":"v","timestamp":${digits}}`));
  expect(line).toContain(`"timestamp":${digits},`);
  expect(textOf(compileFormat("%T"), parseJsonRecord(line))).toBe(digits);
});

const seedLine = (line: string, format?: SeedFormat): NewRecord =>
  parseSeedLine(Buffer.from(line), format);
const valueAlone = (line: string): NewRecord => ({
  key: null,
  value: Buffer.from(line),
  headers: [],
});

test.each([
  '{"id":1,"value":12.5}',
  '{"value":12.5}',
  '{"timestamp": 1795000000, "value": 21.5}',
  '{"key":"a","value":1,"unit":"C"}',
  '{"key":"a"}',
  '["value"]',
  " {",
  "plain",
  '{"key":"a","value":1,"timestamp":1795000000}x',
])("the seed line %s is a value", (line) => {
  expect(seedLine(line)).toEqual(valueAlone(line));
});

test.each([
  ['{"key":"a","value":{"id":9007199254740993}}', "a", '{"id":9007199254740993}'],
  ['{"value":1.10,"headers":[]}', undefined, "1.10"],
  ['{"key":null,"value":"v","topic":"t","partition":0,"offset":7}', undefined, "v"],
])("the seed line %s is a record", (line, key, value) => {
  const record = seedLine(line);
  expect([record.key?.toString(), record.value?.toString()]).toEqual([key, value]);
});

test("the format of a seed decides for every line", () => {
  expect(seedLine('{"value":"v"}', "records").value?.toString()).toBe("v");
  expect(seedLine('{"key":"a","value":"v"}', "values").key).toBeNull();
  for (const line of ['{"id":1}', "plain", '{"value":null,"problem":"damaged"}']) {
    expect(() => seedLine(line, "records")).toThrow(expect.objectContaining({ code: "usage" }));
  }
});

test("a value of a seed that is not UTF-8 keeps its bytes", () => {
  const bytes = Buffer.from([0x7b, 0xff, 0xfe]);
  expect(parseSeedLine(bytes).value).toEqual(bytes);
});

test.each(["1795000000", "1790000000123456789", "-2", "0", "631151999999", "4133980800000"])(
  "rejects time %s of a seed, which is not in milliseconds",
  (time) => {
    expect(() => seedLine(`{"key":"a","value":1,"timestamp":${time}}`)).toThrow(
      expect.objectContaining({ why: expect.stringContaining(`timestamp, ${time}, is not`) }),
    );
  },
);

test.each(["-1", "null", "631152000000", "1795000000000", "4133980799999"])(
  "takes time %s of a seed",
  (time) => {
    expect(seedLine(`{"key":"a","value":1,"timestamp":${time}}`).timestamp).toBe(
      time === "null" ? undefined : Number(time),
    );
  },
);
