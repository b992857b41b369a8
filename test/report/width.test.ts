import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { execa } from "execa";
import stringWidth from "string-width";
import { expect, test } from "vitest";
import { coloredStyle } from "../../src/report/colored-style.ts";
import { cutToWidth, pad, visibleWidth, wrapWords } from "../../src/report/width.ts";

test("the width must count columns, not characters", () => {
  expect(visibleWidth("kafka-1")).toBe(7);
  expect(visibleWidth(coloredStyle.red("kafka-1"))).toBe(7);
  expect(visibleWidth("注文")).toBe(4);
  expect(visibleWidth("e\u0301")).toBe(1);
  expect(visibleWidth("✓")).toBe(1);
});

test.each([
  ["a family of four", "👨‍👩‍👧‍👦", 2],
  ["a flag", "🇪🇺", 2],
  ["a keycap", "1️⃣", 2],
  ["a sign that is shown as an emoji", "⚠️", 2],
  ["Hangul of single letters", "\u1112\u1161\u11AB", 2],
  ["full-width forms", "ＡＢ", 4],
  ["combining marks", "a\u0301\u0323b", 2],
  ["Devanagari", "नि", 2],
  ["a zero-width space", "a\u200Bb", 2],
  ["colors around wide characters", `${coloredStyle.red("注")}${coloredStyle.bold("文a")}`, 5],
])("the width of %s is what terminals show", (_, text, width) => {
  expect(visibleWidth(text)).toBe(width);
  expect(visibleWidth(`ab ${text}`)).toBe(3 + width);
});

test("only text beyond ASCII loads string-width, which creates a segmenter", async () => {
  const module = join(import.meta.dirname, "../../src/report/width.ts");
  const code = `
const { Segmenter } = Intl;
let count = 0;
Intl.Segmenter = class extends Segmenter { constructor() { super(); count++; } };
const { cutToWidth, visibleWidth } = await import(${JSON.stringify(module)});
for (const text of ["kafka-1", "\\u001B[31mred\\u001B[39m", "✓ up", cutToWidth("kafka-1", 3), "注文"]) {
  console.log(visibleWidth(text), count);
}`;
  const args = ["--import", "tsx", "--input-type=module", "--eval", code];
  const { stdout } = await execa("node", args);
  expect(stdout.split("\n")).toEqual(["7 0", "3 0", "4 0", "3 0", "4 1"]);
});

test("each sign of dp takes one column", () => {
  for (const sign of "…→✓✗✖│·⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏") {
    expect([sign, visibleWidth(sign), stringWidth(sign)]).toEqual([sign, 1, 1]);
  }
});

test("a cut leaves no half of a character", () => {
  expect(cutToWidth("ab👨‍👩‍👧‍👦cd", 5)).toBe("ab👨‍👩‍👧‍👦…");
  expect(cutToWidth("ab👨‍👩‍👧‍👦cd", 4)).toBe("ab…");
  expect(cutToWidth("e\u0301e\u0301e\u0301", 2)).toBe("e\u0301…");
  const cut = cutToWidth(`${coloredStyle.red("注文")}です`, 6);
  expect(cut).toBe(`${coloredStyle.red("注文")}…\u001B[000m`);
});

test("a cut text must fit, end in … and leave no colour on", () => {
  expect(cutToWidth("kafka-1", 7)).toBe("kafka-1");
  expect(cutToWidth("kafka-1", 6)).toBe("kafka…");
  expect(cutToWidth("one two", 5)).toBe("one…");
  expect(cutToWidth("注文です", 6)).toBe("注文…");
  expect(cutToWidth("kafka", 0)).toBe("");
  const cut = cutToWidth(`state ${coloredStyle.green("running")}`, 9);
  expect(stripVTControlCharacters(cut)).toBe("state ru…");
  expect(cut.endsWith("\u001B[000m")).toBe(true);
});

test("padding must ignore colour", () => {
  expect(pad(coloredStyle.red("up"), 4)).toBe(`${coloredStyle.red("up")}  `);
  expect(pad("12", 4, "right")).toBe("  12");
  expect(pad("longer", 3)).toBe("longer");
});

test("words wrap at blanks, and one that is too long stays whole", () => {
  expect(wrapWords("one two three\nfour", 8)).toBe("one two\nthree\nfour");
  expect(wrapWords("  indented text", 10)).toBe("  indented\n  text");
  expect(wrapWords("a-very-long-name b", 6)).toBe("a-very-long-name\nb");
  expect(wrapWords(coloredStyle.red("one") + " two", 7)).toBe(coloredStyle.red("one") + " two");
});
