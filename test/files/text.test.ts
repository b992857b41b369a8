import { expect, test } from "vitest";
import { normalizeText } from "../../src/files/text.ts";

test.each([
  ["a byte order mark", "\uFEFFa\nb\n", "a\nb\n"],
  ["CRLF", "a\r\n\r\nb\r\n", "a\n\nb\n"],
  ["both", "\uFEFF\r\n", "\n"],
])("removes %s from a text", (_name, text, plain) => {
  expect(normalizeText(text)).toBe(plain);
});

test("keeps a carriage return alone and a mark in the middle", () => {
  expect(normalizeText("a\rb\uFEFF")).toBe("a\rb\uFEFF");
});
