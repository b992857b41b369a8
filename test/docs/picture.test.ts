import { expect, test } from "vitest";
import { renderScreen } from "../../scripts/screen-to-svg.ts";

const render = (...lines: string[]): string => renderScreen({ lines, columns: 20, title: "t" });

test("the picture has a text for each color, at the column of its first character", () => {
  const picture = render("\u001B[32m✓\u001B[39m \u001B[1mshop\u001B[0m ready");
  expect(picture).toContain('x="18.0" y="33" textLength="8.4" class="green">✓<');
  expect(picture).toContain('x="34.8" y="33" textLength="33.6" class="bold">shop<');
  expect(picture).toContain('x="68.4" y="33" textLength="50.4">\u00A0ready<');
});

test("the picture escapes the characters that have a meaning in SVG", () => {
  expect(render("a<b&c")).toContain(">a&lt;b&amp;c<");
});
