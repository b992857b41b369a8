import { expect, test } from "vitest";
import { ExactNumber, parseNumber } from "../../src/model/exact-number.ts";

test.each([
  ["7", 7],
  ["-12.5", -12.5],
  ["+3", 3],
  ["007", 7],
  [".5", 0.5],
  ["5.", 5],
  ["1e3", 1000],
  ["0x1f", 31],
  ["0o17", 15],
  ["1.50e-7", 1.5e-7],
  ["9007199254740991", 2 ** 53 - 1],
])("%s is a plain number", (text, number) => {
  expect(parseNumber(text)).toBe(number);
});

test.each([
  ["9007199254740993", "9007199254740993"],
  ["-12345678901234567890", "-12345678901234567890"],
  ["+009007199254740993", "9007199254740993"],
  ["0x20000000000001", "9007199254740993"],
  ["1.10", "1.10"],
  ["1.0", "1.0"],
  [".10", "0.10"],
  ["0.1234567890123456789", "0.1234567890123456789"],
  ["-0.0", "-0.0"],
  ["1.0000000000000001e3", "1.0000000000000001e3"],
])("%s keeps its digits: %s", (text, exact) => {
  expect(parseNumber(text)).toEqual(new ExactNumber(exact));
});

test.each(["", ".", "-", "1.2.3", "0x", "1_000", "1e400", "-1e400", "Infinity", "NaN", " 1"])(
  '"%s" is not a number',
  (text) => {
    expect(parseNumber(text)).toBeUndefined();
  },
);
