import { isUtf8 } from "node:buffer";
import { DpError } from "../../errors.ts";
import { parseTimestamp, type Timestamp } from "../wire/int64.ts";
import { isJson, partsOfJson, stringOf } from "./json-text.ts";

/** A record to be written; what is undefined is left to the producer. */
export interface NewRecord {
  readonly key: Buffer | null;
  /** null is a tombstone. */
  readonly value: Buffer | null;
  /** A key is a Buffer only when it is not UTF-8, which brokers let pass. */
  readonly headers: readonly { readonly key: string | Buffer; readonly value: Buffer | null }[];
  readonly partition?: number | undefined;
  /** Epoch milliseconds, -1 for none; undefined is now. */
  readonly timestamp?: Timestamp | undefined;
}

/**
 * Reads one line as jsonLineWriter writes it, of which only `value` must be there. Topic, partition and
 * offset tell where a record came from, not where it goes: they are ignored, so that lines of one topic can
 * be written to another one. Throws DpError `usage` that says what is wrong.
 */
export function parseJsonRecord(line: string): NewRecord {
  const fields = fieldsOf(line);
  if (fields === undefined) throw badRecord(line, "it is not a JSON object");
  return newRecordOf(line, fields);
}

/** The JSON texts of an object's members, by name; of members with the same name the last one. */
type Fields = ReadonlyMap<string, string>;

/** Undefined for what is not a JSON object. */
function fieldsOf(text: string): Fields | undefined {
  if (!text.trimStart().startsWith("{") || !isJson(text)) return undefined;
  return new Map(partsOfJson(text).map((part) => [part.name, part.text]));
}

const recordKeys = new Set("topic partition offset timestamp key value headers".split(" "));

/** What the lines of a seed are: records as `dp topic tail --json` prints them, or values alone. */
export type SeedFormat = "records" | "values";

/**
 * Reads a line of a seed file. Without a format it is read as by `parseJsonRecord` when it is a JSON object
 * that has "value", "key" or "headers" besides, and nothing that a record has not: `{"value": …}` and
 * `{"timestamp": …, "value": …}` are data of their own. Any other line is the value itself, byte by byte.
 * Throws DpError `usage` for a record that is none, or whose time is not in milliseconds.
 */
export function parseSeedLine(line: Buffer, format?: SeedFormat): NewRecord {
  const value = { key: null, value: line, headers: [] };
  if (format === "values") return value;
  const text = isUtf8(line) ? line.toString() : "";
  const fields = fieldsOf(text);
  if (format === undefined && (fields === undefined || !isRecord(fields))) return value;
  if (fields === undefined) throw badRecord(line.toString(), "it is not a JSON object");
  const record = newRecordOf(text, fields);
  const { timestamp } = record;
  if (timestamp === undefined || timestamp === -1) return record;
  if (timestamp >= firstTime && timestamp < endOfTimes) return record;
  throw badRecord(
    text,
    `its timestamp, ${timestamp}, is not a time from 1990 to 2100 in milliseconds`,
    'write epoch milliseconds, or leave "timestamp" out for the present time',
  );
}

/** Times of other units, such as seconds or nanoseconds, are far from these in milliseconds. */
const firstTime = Date.UTC(1990, 0);
const endOfTimes = Date.UTC(2101, 0);

function isRecord(fields: Fields): boolean {
  const hasMore = fields.has("key") || fields.has("headers");
  return hasMore && fields.has("value") && [...fields.keys()].every((key) => recordKeys.has(key));
}

function newRecordOf(line: string, fields: Fields): NewRecord {
  const value = fields.get("value");
  if (value === undefined) throw badRecord(line, 'it has no "value" (null is a tombstone)');
  const problem = fields.get("problem");
  if (problem !== undefined) throw badRecord(line, `it is one that could not be read (${problem})`);
  const headers = fields.get("headers") ?? "[]";
  if (!headers.startsWith("[")) {
    throw badRecord(line, 'headers must be a list of { "key", "value" }');
  }
  return {
    key: parseBytes(line, "key", fields.get("key") ?? "null"),
    value: parseBytes(line, "value", value),
    headers: partsOfJson(headers).map(({ text }) => parseHeader(line, text)),
    timestamp: parseTime(line, fields.get("timestamp") ?? "null"),
  };
}

function parseTime(line: string, text: string): Timestamp | undefined {
  if (text === "null") return undefined;
  const timestamp = parseTimestamp(text);
  if (timestamp === undefined) throw badRecord(line, "timestamp must be epoch milliseconds");
  return timestamp;
}

function parseHeader(line: string, text: string): NewRecord["headers"][number] {
  const fields = fieldsOf(text);
  const key = fields?.get("key") ?? "null";
  const name = key.startsWith('"') ? stringOf(key) : base64Of(line, "a header's key", key);
  if (name === undefined) throw badRecord(line, "a header's key must be a string");
  return {
    key: name,
    value: parseBytes(line, `header ${String(name)}`, fields?.get("value") ?? "null"),
  };
}

/** The characters of a string, null, the bytes of `{ base64 }`; other JSON is its own text, as written. */
function parseBytes(line: string, what: string, text: string): Buffer | null {
  if (text === "null") return null;
  if (text.startsWith('"')) return Buffer.from(stringOf(text));
  return base64Of(line, what, text) ?? Buffer.from(text);
}

/** The bytes of `{ base64 }`; undefined for anything else. */
function base64Of(line: string, what: string, text: string): Buffer | undefined {
  const [only, ...others] = text.startsWith("{") ? partsOfJson(text) : [];
  if (only?.name !== "base64" || !only.text.startsWith('"') || others.length > 0) return undefined;
  const base64 = stringOf(only.text);
  if (!isBase64(base64)) throw badRecord(line, `${what} is not base64`);
  return Buffer.from(base64, "base64");
}

/** Padded or not; one letter alone after whole groups of four would be no byte. */
function isBase64(text: string): boolean {
  return /^[A-Za-z0-9+/]*={0,2}$/.test(text) && text.replace(/=+$/, "").length % 4 !== 1;
}

function badRecord(
  line: string,
  why: string,
  next = 'lines look like {"key": "k", "value": "v", "headers": [{"key": "h", "value": "1"}]}',
): DpError {
  return new DpError({
    code: "usage",
    message: "a line is not a record",
    why,
    evidence: [line.length > 200 ? `${line.slice(0, 200)}…` : line],
    next,
  });
}
