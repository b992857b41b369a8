import { expect, test } from "vitest";
import { parseDecoding } from "../../../src/kafka/records/decoding.ts";
import { compileFilters } from "../../../src/kafka/records/record-filter.ts";
import type { NewRecord } from "../../../src/kafka/records/record.ts";
import { createRandom } from "../../support/random.ts";
import { randomRecord } from "../../support/random-record.ts";
import { storedRecord, storedRecords } from "../../support/stored-record.ts";

const order: Partial<NewRecord> = {
  key: Buffer.from("eu-1"),
  value: Buffer.from('{"state":"PAID",\n"note":"ü"}'),
  headers: [
    { key: "trace", value: Buffer.from("4f01") },
    { key: "trace", value: Buffer.from("77aa") },
    { key: "none", value: null },
  ],
};

const matches = (patterns: readonly string[], options: { ignoreCase?: boolean } = {}): boolean =>
  compileFilters(patterns, { ignoreCase: false, ...options })(storedRecord(order));

test.each([
  ["eu-1", true],
  ["PAID", true],
  ["paid", false],
  ["ü", true],
  ["key:PAID", false],
  ["value:PAID", true],
  ["key:^eu-\\d$", true],
  ["value:^eu", false],
  ["PAID.*note", true],
  ["header.trace:^4f", true],
  ["header.trace:^77", true],
  ["header.trace:eu", false],
  ["header.none:", false],
  ["header.other:.", false],
  ["value:key:", false],
  ["", true],
])("--grep %j must match as it reads: %s", (pattern, expected) => {
  expect(matches([pattern])).toBe(expected);
});

test("a record must match all patterns, in either case when asked", () => {
  expect(matches(["key:eu", "PAID"])).toBe(true);
  expect(matches(["key:us", "PAID"])).toBe(false);
  expect(matches(["key:EU", "paid"], { ignoreCase: true })).toBe(true);
});

test("null must match nothing, empty only what fits the empty text", () => {
  const filter = (pattern: string) => compileFilters([pattern], { ignoreCase: false });
  expect(filter("value:.*")(storedRecord({ value: null }))).toBe(false);
  expect(filter("value:^$")(storedRecord({ value: Buffer.alloc(0) }))).toBe(true);
});

test("what is decoded must be matched as it is shown", () => {
  const decoding = parseDecoding("key=int64");
  const filter = compileFilters(["key:^42$"], { ignoreCase: false, decoding });
  expect(filter(storedRecord({ key: Buffer.from("000000000000002a", "hex") }))).toBe(true);
  expect(filter(storedRecord({ key: Buffer.from("42") }))).toBe(true);
});

test("a pattern that is none must be refused with the reason", () => {
  expect(() => compileFilters(["value:(a"], { ignoreCase: false })).toThrow(
    expect.objectContaining({ code: "usage", message: '--grep can\'t read "value:(a"' }),
  );
});

test("the search for a literal must find what a search in each record finds", () => {
  const random = createRandom(3);
  for (let round = 0; round < 40; round++) {
    const stored = storedRecords(Array.from({ length: 50 }, () => randomRecord(random)));
    // Twice, and backwards: a reader may begin again.
    const order = [...stored, ...stored, ...stored.toReversed()];
    for (const literal of ["a", "ba", "null", "€", '"']) {
      const bytes = Buffer.from(literal);
      const filter = compileFilters([literal], { ignoreCase: false });
      const expected = order.map(
        ({ key, value }) => (key?.includes(bytes) ?? false) || (value?.includes(bytes) ?? false),
      );
      expect(order.map(filter)).toEqual(expected);
    }
  }
});
