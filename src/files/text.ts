/**
 * The text of a file as editors of any system save it: without a byte order mark, and with `\n` at the
 * end of each line.
 */
export function normalizeText(text: string): string {
  return text.replace(/^\uFEFF/, "").replaceAll("\r\n", "\n");
}
