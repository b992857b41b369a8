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
  const isObject = text[at] === "{";
  for (at = skipBlanks(text, at + 1); at < text.length && !/[\]}]/.test(text.charAt(at));) {
    let name = "";
    if (isObject) {
      const end = endOfString(text, at);
      name = stringOf(text.slice(at, end));
      at = skipBlanks(text, skipBlanks(text, end) + 1);
    }
    const end = endOfValue(text, at);
    parts.push({ name, text: text.slice(at, end) });
    at = skipBlanks(text, end);
    if (text[at] === ",") at = skipBlanks(text, at + 1);
  }
  return parts;
}

/** The characters of a JSON string, which must be valid. */
export function stringOf(text: string): string {
  return text.includes("\\") ? (JSON.parse(text) as string) : text.slice(1, -1);
}

function skipBlanks(text: string, from: number): number {
  let at = from;
  while (/[ \t\r\n]/.test(text.charAt(at))) at++;
  return at;
}

/** The index after the string whose opening quote is at `from`. */
function endOfString(text: string, from: number): number {
  for (let at = text.indexOf('"', from + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    let backslashes = 0;
    while (text[at - 1 - backslashes] === "\\") backslashes++;
    if (backslashes % 2 === 0) return at + 1;
  }
  return text.length;
}

function endOfValue(text: string, from: number): number {
  if (text[from] === '"') return endOfString(text, from);
  const token = /["{}[\],\s]/g;
  let depth = 0;
  token.lastIndex = from;
  for (let match = token.exec(text); match !== null; match = token.exec(text)) {
    const [found] = match;
    if (found === '"') {
      token.lastIndex = endOfString(text, match.index);
    } else if (found === "{" || found === "[") {
      depth++;
    } else if (depth === 0) {
      return match.index;
    } else if ((found === "}" || found === "]") && --depth === 0) {
      return match.index + 1;
    }
  }
  return text.length;
}
