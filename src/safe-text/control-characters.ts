import { isUtf8 } from "node:buffer";

/** What moves a terminal's cursor, colours, rings or reorders text; tabs and line feeds stay. */
const unsafe =
  // oxlint-disable-next-line no-control-regex -- they are what it is about
  /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u200E\u200F\u2028-\u202E\u2066-\u2069]/g;

/** The text with control characters as `cat -v` shows them (`^[`), and `\xNN`, `\uNNNN` for others. */
export function visibleText(text: string): string {
  return text.replaceAll(unsafe, (character) => {
    const code = character.charCodeAt(0);
    if (code < 0x20 || code === 0x7f) return `^${String.fromCharCode(code ^ 0x40)}`;
    return code < 0x100 ? byteText(code) : unicodeText(code);
  });
}

/** As visibleText; of bytes that are not UTF-8, those beyond ASCII are written as `\xNN`. */
export function visibleBytes(bytes: Buffer): string {
  if (isUtf8(bytes)) return visibleText(bytes.toString());
  const ascii = bytes.toString("latin1");
  return visibleText(ascii).replaceAll(/[\u00A0-\u00FF]/g, (one) => byteText(one.charCodeAt(0)));
}

/** JSON text of the same meaning, without what a terminal would act upon. */
export function visibleJson(json: string): string {
  return json.replaceAll(unsafe, (character) => unicodeText(character.charCodeAt(0)));
}

function byteText(code: number): string {
  return `\\x${code.toString(16).padStart(2, "0")}`;
}

function unicodeText(code: number): string {
  return `\\u${code.toString(16).padStart(4, "0")}`;
}
