import { createRequire } from "node:module";
import { stripVTControlCharacters } from "node:util";
import type stringWidth from "string-width";
import { resetCode } from "./style.ts";

/** Printable ASCII, and the signs and spinner of dp itself: each takes one column. */
const SIMPLE = /^[ -~…→✓✗✖│·⠀-⣿]*$/;
/** A color sequence. */
const COLOR = /(\u001B\[[0-9;]*m)/;

/** How many columns of a terminal the text takes. Color sequences take none. */
export function visibleWidth(text: string): number {
  const bare = text.includes("\u001B") ? stripVTControlCharacters(text) : text;
  return SIMPLE.test(bare) ? bare.length : loadStringWidth()(bare);
}

/**
 * Loading string-width takes longer than rendering a table, so the first text that needs it loads it. It is a
 * `require` because nothing that renders waits. The bundle contains the package and has a `require`; the sources
 * make one.
 */
function loadStringWidth(): typeof stringWidth {
  const library: unknown =
    typeof require === "function"
      ? require("string-width")
      : createRequire(import.meta.url)("string-width");
  return (library as { readonly default: typeof stringWidth }).default;
}

/** The text cut to at most `columns`, with `…` in place of what went; colors that were on are closed. */
export function cutToWidth(text: string, columns: number): string {
  if (visibleWidth(text) <= columns) return text;
  if (columns < 1) return "";
  let used = 0;
  let kept = "";
  let isColored = false;
  for (const token of splitTokens(text)) {
    if (token.length > 1 && token.startsWith("\u001B")) {
      kept += token;
      isColored = true;
      continue;
    }
    const width = visibleWidth(token);
    if (used + width > columns - 1) break;
    kept += token;
    used += width;
  }
  return `${kept.trimEnd()}…${isColored ? resetCode : ""}`;
}

/** The text with its lines broken at blanks, so that each fits; words that are longer stay whole. */
export function wrapWords(text: string, columns: number): string {
  return text
    .split("\n")
    .map((line) => wrapLine(line, columns))
    .join("\n");
}

function wrapLine(line: string, columns: number): string {
  if (visibleWidth(line) <= columns) return line;
  const [indent = ""] = /^ */.exec(line) ?? [];
  const [first = "", ...words] = line.slice(indent.length).split(" ");
  const lines: string[] = [];
  let current = indent + first;
  for (const word of words) {
    if (visibleWidth(`${current} ${word}`) <= columns) {
      current += ` ${word}`;
      continue;
    }
    lines.push(current.trimEnd());
    current = indent + word;
  }
  return [...lines, current].join("\n");
}

/** The text with spaces up to `columns`. */
export function pad(text: string, columns: number, align: "left" | "right" = "left"): string {
  const fill = " ".repeat(Math.max(0, columns - visibleWidth(text)));
  return align === "left" ? text + fill : fill + text;
}

/** Color sequences, and characters as people count them: a letter with its accents, or an emoji, is one. */
function* splitTokens(text: string): Generator<string> {
  for (const part of text.split(COLOR)) {
    if (COLOR.test(part)) yield part;
    else if (SIMPLE.test(part)) yield* part;
    else for (const { segment } of new Intl.Segmenter().segment(part)) yield segment;
  }
}
