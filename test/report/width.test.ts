import { stripVTControlCharacters } from "node:util";
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
