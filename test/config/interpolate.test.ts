import { expect, test } from "vitest";
import { interpolate } from "../../src/config/interpolate.ts";

const values: Record<string, string> = { PORT: "9092", EMPTY: "", NAME: "shop" };
const lookup = (name: string) => values[name];

/** The values are those of compose-go v2.16.1, `template.Substitute`. */
test.each([
  ["${MISSING-x}", "x"],
  ["${EMPTY-x}", ""],
  ["${NAME-x}", "shop"],
  ["${MISSING-}", ""],
  ["${MISSING-b:-c}", "b:-c"],
  ["${MISSING-?x}", "?x"],
  ["${MISSING+x}", ""],
  ["${EMPTY+x}", "x"],
  ["${NAME+x}", "x"],
  ["${NAME+}", ""],
  ["${MISSING:+x}", ""],
  ["${EMPTY:+x}", ""],
  ["${NAME:+x}", "x"],
  ["${NAME:+a${PORT}b}", "a9092b"],
  ["${EMPTY:+${MISSING?x}}", ""],
  ["${NAME?x}", "shop"],
  ["${EMPTY?x}", ""],
  ["${NAME:?x}", "shop"],
  ["${MISSING:-${NAME}}", "shop"],
  ["${MISSING-${EMPTY:-${PORT}}}", "9092"],
  ["${NAME:-${}}", "shop"],
  ["${NAME:-${MISSING?x}}", "shop"],
  ["${MISSING:-a} ${PORT}", "a 9092"],
  ["${MISSING:-a}${MISSING:-b}", "ab"],
  ["${MISSING:-a} {b} ${PORT:-c}", "a {b} 9092"],
  ["${MISSING:-{a}}", "{a}"],
  ["${MISSING:-{}}", "{}"],
  ["${MISSING:-{}", "{"],
  ["${MISSING:-{a} b} c}", "{a} b c}"],
  ["${MISSING:-b-c?d+e}", "b-c?d+e"],
  ["${MISSING:-:x}", ":x"],
  ["${MISSING:- x }", " x "],
  ["${MISSING:-$$x}", "$x"],
  ["${MISSING:-$$${PORT}}", "$9092"],
  ["${MISSING:-x}\n}", "x\n}"],
  ["${NAME}}", "shop}"],
  ["${nAme-Mixed}", "Mixed"],
  ["$$$", "$$"],
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
])("%j must become %j", (written, filled) => {
  expect(interpolate(written, lookup)).toMatchObject({ text: filled, failures: [] });
});

test.each([
  ["${MISSING}", "variable MISSING is not set"],
  ["${MISSING:?say which}", "MISSING: say which"],
  ["${EMPTY:?say which}", "EMPTY: say which"],
  ["${MISSING:?}", "variable MISSING is not set"],
  ["${PORT", "cannot read the variable ${PORT"],
  ["${}", "cannot read the variable ${}"],
  ["${MISSING?say which}", "MISSING: say which"],
  ["${MISSING?}", "variable MISSING is not set"],
  ["${MISSING:?needs ${NAME}}", "MISSING: needs shop"],
  ["${MISSING:-${NOPE?x}}", "NOPE: x"],
  ["${MISSING:-{} ${PORT}", "cannot read the variable ${PORT"],
  ["${MISSING:-x\ny}", "cannot read the variable ${MISSING:-x\ny}"],
  ["${ NAME}", "cannot read the variable ${ NAME}"],
  ["${NAME }", "cannot read the variable ${NAME }"],
  ["${NAME:x}", "cannot read the variable ${NAME:x}"],
  ["${NAME=x}", "cannot read the variable ${NAME=x}"],
  ["${1A}", "cannot read the variable ${1A}"],
  ["${a.b}", "cannot read the variable ${a.b}"],
])("%j must fail with: %s", (written, message) => {
  const { failures } = interpolate(written, lookup);
  expect(failures.map((failure) => failure.message)).toEqual([message]);
  expect(written).toContain(failures[0]?.reference);
});

test("bare names are filled in where they count as references", () => {
  const fill = (text: string) => interpolate(text, lookup, "braced and bare");
  expect(fill("$NAME-${MISSING:-$PORT} $$PORT 5$ $1 $NAMES").text).toBe("shop-9092 $PORT 5$ $1 ");
  expect(fill("$NAMES").failures).toMatchObject([{ reference: "$NAMES" }]);
  expect(interpolate("${MISSING:-$PORT}", lookup).text).toBe("$PORT");
});

test("every failure of a text must be told, and a dollar sign alone uses no variable", () => {
  expect(interpolate("${A} and ${B}", lookup).failures).toHaveLength(2);
  expect(interpolate("$$ and $x", lookup).usesVariables).toBe(false);
  expect(interpolate("${A:-x}", lookup).usesVariables).toBe(true);
});
