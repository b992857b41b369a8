import { expect, test } from "vitest";
import { interpolate } from "../../src/spec/interpolate.ts";

const values: Record<string, string> = { PORT: "9092", EMPTY: "", NAME: "shop" };
const lookup = (name: string) => values[name];

test.each([
  ["${PORT}", "9092"],
  ["a-${NAME}-${PORT}", "a-shop-9092"],
  ["${MISSING:-x}", "x"],
  ["${MISSING:-}", ""],
  ["${EMPTY:-x}", "x"],
  ["${EMPTY}", ""],
  ["${NAME:?must be there}", "shop"],
  ["$${PORT}", "${PORT}"],
  ["$$$${PORT}", "$${PORT}"],
  ["$$5, $PORT, 5$", "$5, $PORT, 5$"],
  ["${MISSING:-a:-b c}", "a:-b c"],
])("%s must become %s", (written, filled) => {
  expect(interpolate(written, lookup)).toMatchObject({ text: filled, failures: [] });
});

test.each([
  ["${MISSING}", "variable MISSING is not set"],
  ["${MISSING:?say which}", "MISSING: say which"],
  ["${EMPTY:?say which}", "EMPTY: say which"],
  ["${MISSING:?}", "variable MISSING is not set"],
  ["${PORT", "cannot read the variable ${PORT"],
  ["${}", "cannot read the variable ${}"],
  ["${A-b}", "cannot read the variable ${A-b}"],
  ["${A:-${B}}", "cannot read the variable ${A:-${B}"],
])("%s must fail with: %s", (written, message) => {
  const { failures } = interpolate(written, lookup);
  expect(failures.map((failure) => failure.message)).toEqual([message]);
  expect(written).toContain(failures[0]?.reference);
});

test("every failure of a text must be told, and a dollar sign alone uses no variable", () => {
  expect(interpolate("${A} and ${B}", lookup).failures).toHaveLength(2);
  expect(interpolate("$$ and $x", lookup).usesVariables).toBe(false);
  expect(interpolate("${A:-x}", lookup).usesVariables).toBe(true);
});
