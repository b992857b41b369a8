import { visibleText } from "../safe-text/control-characters.ts";

/** The colors of one output stream. The plain style returns its text unchanged. */
export interface Style {
  readonly bold: Paint;
  readonly dim: Paint;
  readonly red: Paint;
  readonly green: Paint;
  readonly yellow: Paint;
  readonly cyan: Paint;
}

export type Paint = (text: string) => string;

const same: Paint = (text) => text;

/** Resets all colors, in the form of `toOwnCodes`. */
export const resetCode = toOwnCodes("\u001B[0m");

/**
 * SGR codes (ECMA-48) with three digits, which no other program writes. `safeForTerminal` keeps these and makes
 * the codes of other texts visible.
 */
export function toOwnCodes(codes: string): string {
  return codes.replaceAll(
    // oxlint-disable-next-line no-control-regex -- the codes begin with ESC
    /\u001B\[(\d+)m/g,
    (_, attribute: string) => `\u001B[${attribute.padStart(3, "0")}m`,
  );
}

/** The text with control characters made visible, but for line ends, tabs and dp's own colors. */
export function safeForTerminal(text: string): string {
  const parts = text.replaceAll("\r\n", "\n").split(/(\u001B\[0\d\dm)/);
  // The parts in between are the codes.
  return parts.map((part, index) => (index % 2 === 0 ? visibleText(part) : part)).join("");
}

export const plainStyle: Style = {
  bold: same,
  dim: same,
  red: same,
  green: same,
  yellow: same,
  cyan: same,
};
