import { expect, test } from "vitest";
import { fitLines } from "../../src/report/screen.ts";

test("what is drawn in place must leave the last row and column free", () => {
  expect(fitLines(["abcdef", "b"], { columns: 5, rows: 3 })).toBe("abc…\nb");
});

test("lines that do not fit must be counted", () => {
  expect(fitLines(["a", "b", "c", "d"], { columns: 80, rows: 4 })).toBe("a\nb\n… 2 more lines");
  expect(fitLines(["a", "b", "c"], { columns: 80, rows: 4 })).toBe("a\nb\nc");
});
