import { DpError, messageOf } from "../../errors.ts";
import type { Decoding } from "./decoding.ts";
import type { Field } from "./fields.ts";
import type { StoredRecord } from "./stored-record.ts";

export type RecordFilter = (record: StoredRecord) => boolean;

export interface FilterOptions {
  readonly ignoreCase: boolean;
  /** Keys and values are matched as they are shown. */
  readonly decoding?: Decoding | undefined;
}

/**
 * Compiles what `--grep` takes: `[key:|value:|header.NAME:]PATTERN`, a regular expression of JavaScript.
 * Without a prefix it may be in the key or in the value. A record must match all of them. Null matches
 * nothing, and of headers with the same name one is enough. Throws DpError `usage` for a pattern that is
 * none.
 */
export function compileFilters(texts: readonly string[], options: FilterOptions): RecordFilter {
  const filters = texts.map((text) => compileFilter(text, options));
  const [only] = filters;
  if (only !== undefined && filters.length === 1) return only;
  return (record) => filters.every((filter) => filter(record));
}

function compileFilter(text: string, options: FilterOptions): RecordFilter {
  const [, where, headerName] = /^(key|value|header\.([^:]+)):/.exec(text) ?? [];
  const pattern = where === undefined ? text : text.slice(where.length + 1);
  const matches = regularExpression(pattern, { text, ...options });
  if (headerName !== undefined) {
    return (record) =>
      record.hasHeaders &&
      record.headers.some(
        ({ key, value }) => key === headerName && value !== null && matches(value.toString()),
      );
  }
  const fields: readonly Field[] =
    where === "key" || where === "value" ? [where] : ["key", "value"];
  const literal = options.ignoreCase ? undefined : literalOf(pattern);
  const inField = fields.map((field): RecordFilter => {
    const decoder = options.decoding?.[field];
    if (decoder === undefined && literal !== undefined) return literalFilter(field, literal);
    return (record) => {
      const bytes = record[field];
      if (bytes === null) return false;
      const decoded = decoder?.decode(bytes) ?? { kind: "bytes", bytes };
      return matches(decoded.kind === "bytes" ? decoded.bytes.toString() : decoded.text);
    };
  });
  return (record) => inField.some((filter) => filter(record));
}

function regularExpression(
  pattern: string,
  { text, ignoreCase }: { readonly text: string; readonly ignoreCase: boolean },
): (text: string) => boolean {
  try {
    // Of `s`, the dot stands for line feeds in a value, too.
    const expression = new RegExp(pattern, ignoreCase ? "is" : "s");
    return (subject) => expression.test(subject);
  } catch (error) {
    throw new DpError({
      code: "usage",
      message: `--grep can't read "${text}"`,
      why: messageOf(error),
      next: "write \\ before characters that mean themselves, as in 'value:\\[1\\]'",
      cause: error,
    });
  }
}

/** The bytes of a pattern that means itself; undefined for others. */
function literalOf(pattern: string): Buffer | undefined {
  const isPlain = pattern !== "" && !/[\\^$.*+?()[\]{}|]/.test(pattern);
  return isPlain ? Buffer.from(pattern) : undefined;
}

/**
 * Searches the bytes of many records at once: the next place of the literal tells of all records before it
 * that they don't have it.
 */
function literalFilter(field: Field, literal: Buffer): RecordFilter {
  let bytes: Buffer | undefined;
  let searchedFrom = 0;
  let next = -1;
  return (record) => {
    const at = field === "key" ? record.keyAt : record.valueAt;
    const length = field === "key" ? record.keyLength : record.valueLength;
    if (length < literal.length) return false;
    if (bytes !== record.bytes || at < searchedFrom || (next >= 0 && next < at)) {
      ({ bytes } = record);
      searchedFrom = at;
      next = bytes.indexOf(literal, at);
    }
    return next >= 0 && next + literal.length <= at + length;
  };
}
