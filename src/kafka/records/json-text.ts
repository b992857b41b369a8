/*
 * Parts of JSON as they are written. A parsed value has lost the digits of large numbers, blanks and
 * duplicate keys, so texts that must stay exact are cut out of the text that they stand in.
 */

/** A value inside of a JSON object or array. */
export interface JsonPart {
  /** Of a member of an object; empty for an item of an array. */
  readonly name: string;
  /** The value as written, without the blanks around it. */
  readonly text: string;
}

/** Whether the text is one JSON value, with or without blanks around it. */
export function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** The members of an object or the items of an array, in their order. The text must be valid JSON. */
export function partsOfJson(text: string): JsonPart[] {
  const parts: JsonPart[] = [];
  let at = skipBlanks(text, 0);
  const isObject = text.charCodeAt(at) === codes.openBrace;
  at = skipBlanks(text, at + 1);
  while (at < text.length && !isClosing(text.charCodeAt(at))) {
    let name = "";
    if (isObject) {
      const end = endOfString(text, at);
      name = stringOf(text.slice(at, end));
      at = skipBlanks(text, skipBlanks(text, end) + 1);
    }
    const end = endOfValue(text, at);
    parts.push({ name, text: text.slice(at, end) });
    at = skipBlanks(text, end);
    if (text.charCodeAt(at) === codes.comma) at = skipBlanks(text, at + 1);
  }
  return parts;
}

/** The characters of a JSON string, which must be valid. */
export function stringOf(text: string): string {
  return text.includes("\\") ? (JSON.parse(text) as string) : text.slice(1, -1);
}

const codes = {
  quote: 0x22,
  comma: 0x2c,
  openBracket: 0x5b,
  backslash: 0x5c,
  closeBracket: 0x5d,
  openBrace: 0x7b,
  closeBrace: 0x7d,
} as const;

/** A space, tab, line feed or carriage return: of valid JSON nothing else is at most a space. */
const isBlank = (code: number): boolean => code <= 0x20;
const isClosing = (code: number): boolean =>
  code === codes.closeBrace || code === codes.closeBracket;

function skipBlanks(text: string, from: number): number {
  let at = from;
  while (isBlank(text.charCodeAt(at))) at++;
  return at;
}

/** The index after the string whose opening quote is at `from`. */
function endOfString(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === codes.quote) return at + 1;
    if (code === codes.backslash) at++;
  }
  return text.length;
}

function endOfValue(text: string, from: number): number {
  let depth = 0;
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === codes.quote) {
      at = endOfString(text, at) - 1;
      if (depth === 0) return at + 1;
    } else if (code === codes.openBrace || code === codes.openBracket) {
      depth++;
    } else if (isClosing(code)) {
      if (depth === 0) return at;
      if (--depth === 0) return at + 1;
    } else if (depth === 0 && (code === codes.comma || isBlank(code))) {
      return at;
    }
  }
  return text.length;
}
