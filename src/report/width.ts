import { stripVTControlCharacters } from "node:util";
import { resetCode } from "./style.ts";

/** Characters that take two columns: East Asian wide and full-width ones, and emoji. */
const WIDE =
  /[\u1100-\u115F\u2E80-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6]|\p{Emoji_Presentation}/u;
/** Characters that take none: combining marks, joiners, variation selectors. */
const NARROW = /[\p{Mark}\p{Format}]/u;
const PRINTABLE_ASCII = /^[ -~]*$/;
/** One colour sequence, or one character. */
const TOKEN = /\u001B\[[0-9;]*m|[^]/gu;

/** How many columns of a terminal the text takes; colour sequences take none. */
export function visibleWidth(text: string): number {
  const bare = text.includes("\u001B") ? stripVTControlCharacters(text) : text;
  if (PRINTABLE_ASCII.test(bare)) return bare.length;
  let width = 0;
  for (const character of bare) width += characterWidth(character);
  return width;
}

/** The text cut to at most `columns`, with `…` in place of what went; colours that were on are closed. */
export function cutToWidth(text: string, columns: number): string {
  if (visibleWidth(text) <= columns) return text;
  if (columns < 1) return "";
  let used = 0;
  let kept = "";
  let coloured = false;
  for (const [token] of text.matchAll(TOKEN)) {
    if (token.length > 1 && token.startsWith("\u001B")) {
      kept += token;
      coloured = true;
      continue;
    }
    const width = characterWidth(token);
    if (used + width > columns - 1) break;
    kept += token;
    used += width;
  }
  return `${kept.trimEnd()}…${coloured ? resetCode : ""}`;
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

function characterWidth(character: string): number {
  if (character >= " " && character <= "~") return 1;
  if (NARROW.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}
