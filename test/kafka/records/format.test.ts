import { afterEach, expect, test, vi } from "vitest";
import { parseDecoding } from "../../../src/kafka/records/decoding.ts";
import { compileFormat } from "../../../src/kafka/records/format.ts";
import { humanWriter } from "../../../src/kafka/records/human-line.ts";
import type { NewRecord } from "../../../src/kafka/records/record.ts";
import { bytesOf, storedAt, textOf } from "../../support/stored-record.ts";

afterEach(() => vi.unstubAllEnvs());

const full: Partial<NewRecord> = {
  key: Buffer.from("k"),
  value: Buffer.from("v ü"),
  headers: [
    { key: "a", value: Buffer.from("1") },
    { key: "b", value: null },
    { key: "a", value: Buffer.from("2") },
  ],
};

const formatted = (format: string, record: Partial<NewRecord> = full): string =>
  textOf(compileFormat(format), record);

test.each([
  ["%t %p %o %T %k %v %h\\n", `orders 2 0 ${storedAt} k v ü a=1,b=,a=2\n`],
  ["%D|%K|%V|%S|%H|%%|%s", "2026-11-22T10:00:00.123Z|1|4|4|3|%|v ü"],
  ["\\t|\\\\|\\r|\\0|\\e|\\x41|100%%", "\t|\\|\r|\0|\u001B|A|100%"],
  ["%k{hex} %v{base64}", "6b diDDvA=="],
  ["%h{a} [%h{b}] [%h{c}]", "2 [] []"],
  ["%h{%k: %v\\n}", "a: 1\nb: \na: 2\n"],
  ["{%k}", "{k}"],
])("the format %s must be filled in", (format, text) => {
  expect(formatted(format)).toBe(text);
});

test("times must be written by strftime's codes in local time", () => {
  vi.stubEnv("TZ", "America/New_York");
  expect(formatted("%D{%F %T.%L %z} %D{%Y%m%d-%H%M%S} %D{%s%%}")).toBe(
    "2026-11-22 05:00:00.123 -0500 20261122-050000 1795341600%",
  );
  expect(formatted("%D{%T}", { timestamp: -1 })).toBe("-");
});

test("a time that no calendar reaches must be written as its number", () => {
  // Nanoseconds, where Kafka means milliseconds.
  const timestamp = 1_790_000_000_000_000_001n;
  expect(formatted("%D %D{%F}", { timestamp })).toBe(`${timestamp} ${timestamp}`);
  expect(textOf(humanWriter(), { timestamp })).toBe(`2:0  ${timestamp}  -  (tombstone)\n`);
});

test("null must write nothing, and tell itself from empty by its length", () => {
  expect(formatted("[%k][%v] %K %V %H", { value: Buffer.alloc(0) })).toBe("[][] -1 0 0");
});

test("values must be written byte for byte, and so must escapes", () => {
  const record = { value: Buffer.from([0, 0xff, 0x80]) };
  expect(bytesOf(compileFormat("%v\\xff"), record)).toEqual(Buffer.from([0, 0xff, 0x80, 0xff]));
});

test.each([
  ["%t %x", "%x", 4],
  ["50%", "%", 3],
  ["%v\\q", "\\q", 3],
  ["\\x4", "\\x", 1],
  ["%v{hxe}", "%v{hxe}", 1],
  ["%p{hex}", "%p{hex}", 1],
  ["%v %D{%F %Q}", "%Q", 10],
  ["%h{%k=%o}", "%o", 7],
  ["%v{hex", "%v{hex", 3],
])('the format "%s" must be refused with the place', (format, part, position) => {
  const shown = part === "%v{hex" ? "{hex" : part;
  expect(() => compileFormat(format)).toThrow(
    expect.objectContaining({
      code: "usage",
      message: `--format does not know "${shown}" at character ${position}`,
      evidence: [format, `${" ".repeat(position - 1)}^`],
    }),
  );
});

test("the line for people must show key, value and tombstone", () => {
  expect(textOf(humanWriter(), full)).toBe("2:0  2026-11-22T10:00:00.123Z  k  v ü\n");
  expect(textOf(humanWriter(), { key: Buffer.from("k") })).toBe(
    "2:0  2026-11-22T10:00:00.123Z  k  (tombstone)\n",
  );
  const several = humanWriter({ nameTopic: (topic) => topic });
  expect(textOf(several, { value: Buffer.from("v") })).toBe(
    "orders  2:0  2026-11-22T10:00:00.123Z  -  v\n",
  );
});

test.each<[string, Buffer | string, string]>([
  ["colours and bells", "a\u001B[31mred\u0007\u007F", "a^[[31mred^G^?"],
  ["a carriage return", "abc\rd", "abc^Md"],
  ["the control characters beyond ASCII", "\u009B31m", "\\x9b31m"],
  ["what turns the writing direction", "a\u202Eb", "a\\u202eb"],
  ["bytes that are no text", Buffer.from([0x41, 0xc3, 0x28, 0xff, 0x9b, 0]), "A\\xc3(\\xff\\x9b^@"],
  ["lines and letters", "ü\n\t€", "ü\n\t€"],
])("a terminal must be shown %s harmlessly", (_name, value, shown) => {
  const visible = { visible: true };
  const headers = [{ key: "h\u0007", value: Buffer.from(value) }];
  const record = { key: Buffer.from(value), value: Buffer.from(value), headers };
  expect(textOf(compileFormat("%k|%v|%h|\\e", visible), record)).toBe(
    `${shown}|${shown}|h^G=${shown}|\u001B`,
  );
  expect(textOf(humanWriter(visible), record)).toContain(`  ${shown}  ${shown}\n`);
});

test.each([
  ["int8", "ff", "-1"],
  ["int16", "8000", "-32768"],
  ["int32", "00000100", "256"],
  ["int64", "7fffffffffffffff", "9223372036854775807"],
  ["uint8", "ff", "255"],
  ["uint16", "8000", "32768"],
  ["uint32", "ffffffff", "4294967295"],
  ["uint64", "ffffffffffffffff", "18446744073709551615"],
  ["float32", "3fc00000", "1.5"],
  ["float64", "8000000000000000", "-0"],
  ["float64", "7ff8000000000000", "NaN"],
  ["hex", "00ff", "00ff"],
  ["confluent", "000000000c7b7d", "{}"],
  ["schema-id", "000000000c7b7d", "12"],
  [
    "json",
    Buffer.from('{ "a b": 12345678901234567890,\n "c": " \\" " }').toString("hex"),
    '{ "a b": 12345678901234567890,"c": " \\" " }',
  ],
])("--decode %s must read %s", (kind, hex, text) => {
  const record = { key: Buffer.from(hex, "hex"), value: Buffer.from(hex, "hex") };
  const writer = compileFormat("%k %v", { decoding: parseDecoding(`key=${kind},value=${kind}`) });
  expect(textOf(writer, record)).toBe(`${text} ${text}`);
  expect(textOf(compileFormat(`%v{${kind}}`), record)).toBe(text);
});

test("what can't be decoded must be written as it is, and told", () => {
  const told: string[] = [];
  const writer = humanWriter({
    decoding: parseDecoding("int64"),
    onUndecodable: (record, { field, decoder }) =>
      told.push(`${record.offset} ${field} ${decoder.name}`),
  });
  expect(textOf(writer, { value: Buffer.from("abc") })).toContain("  -  abc\n");
  expect(textOf(writer, { value: null })).toContain("(tombstone)");
  expect(told).toEqual(["0 value int64"]);
});

test.each(["int65", "key=", "topic=hex", "value=hex,hex", "", "key=hex,,"])(
  '--decode "%s" must be refused as wrong usage',
  (text) => {
    expect(() => parseDecoding(text)).toThrow(expect.objectContaining({ code: "usage" }));
  },
);
