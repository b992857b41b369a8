import { expect, test } from "vitest";
import { avoided } from "../support/avoided-words.ts";
import { pages } from "./pages.ts";

/** The prose of all pages, each cell of a table by itself. Code follows other rules. */
const texts = pages.flatMap(({ path, text }) =>
  text
    .replaceAll(/^```.*?^```$/gms, (code) => code.replaceAll(/[^\n]/g, ""))
    .split("\n")
    .flatMap((line, index) =>
      line
        .replaceAll(/`[^`]*`/g, "code")
        .split("|")
        .map((cell) => ({ at: `${path}:${index + 1}`, text: cell.trim() })),
    ),
);

test.each(avoided)("no page has %s: write %s", (words) => {
  expect(texts.filter(({ text }) => words.test(text))).toEqual([]);
});
