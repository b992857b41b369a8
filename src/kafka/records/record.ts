import { isUtf8 } from "node:buffer";
import { DpError } from "../../errors.ts";
import { parseTimestamp, type Timestamp } from "../protocol/int64.ts";
import { partsOfJson, type JsonPart } from "./json-text.ts";

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
  const object = objectOf(line);
  if (object === undefined) throw badRecord(line, "it is not a JSON object");
  return newRecordOf(line, object);
}

/** Values, and the texts of those that are neither strings nor null: cutting texts out takes longer. */
interface JsonObject {
  readonly values: Readonly<Record<string, unknown>>;
  /** The JSON text of a member, as written; of members with the same name the last one. */
  textOf(name: string): string;
}

/** Undefined for what is not a JSON object. */
function objectOf(text: string): JsonObject | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) return undefined;
    return withTexts(parsed, () => text);
  } catch {
    return undefined;
  }
}

function withTexts(values: object, text: () => string): JsonObject {
  let texts: ReadonlyMap<string, string> | undefined;
  return {
    values: values as JsonObject["values"],
    textOf(name) {
      texts ??= new Map(partsOfJson(text()).map((part) => [part.name, part.text]));
      return texts.get(name) ?? "null";
    },
  };
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
  const object = text.trimStart().startsWith("{") ? objectOf(text) : undefined;
  if (format === undefined && (object === undefined || !isRecord(object))) return value;
  if (object === undefined) throw badRecord(line.toString(), "it is not a JSON object");
  const record = newRecordOf(text, object);
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

function isRecord({ values }: JsonObject): boolean {
  const hasMore = "key" in values || "headers" in values;
  return hasMore && "value" in values && Object.keys(values).every((key) => recordKeys.has(key));
}

function newRecordOf(line: string, object: JsonObject): NewRecord {
  const { value, problem, headers = [] } = object.values;
  if (value === undefined) throw badRecord(line, 'it has no "value" (null is a tombstone)');
  if (problem !== undefined) {
    throw badRecord(line, `it is one that could not be read (${String(problem)})`);
  }
  if (!Array.isArray(headers)) {
    throw badRecord(line, 'headers must be a list of { "key", "value" }');
  }
  let texts: readonly JsonPart[] | undefined;
  const parsed: readonly unknown[] = headers;
  return {
    key: parseBytes({ line, object, name: "key", what: "key" }),
    value: parseBytes({ line, object, name: "value", what: "value" }),
    headers: parsed.map((header, index) => {
      const textOf = (): string => {
        texts ??= partsOfJson(object.textOf("headers"));
        return texts[index]?.text ?? "null";
      };
      return parseHeader(line, withTexts(header ?? {}, textOf));
    }),
    timestamp: parseTime(line, object),
  };
}

function parseTime(line: string, object: JsonObject): Timestamp | undefined {
  const { timestamp = null } = object.values;
  if (timestamp === null) return undefined;
  const digits = typeof timestamp === "number" ? String(timestamp) : "";
  // As `dp topic tail` prints it, with all its digits.
  const isPlain = line.includes(`"timestamp":${digits},`);
  const time = parseTimestamp(isPlain ? digits : object.textOf("timestamp"));
  if (time === undefined) throw badRecord(line, "timestamp must be epoch milliseconds");
  return time;
}

function parseHeader(line: string, object: JsonObject): NewRecord["headers"][number] {
  const { key } = object.values;
  const name = typeof key === "string" ? key : base64Of(line, "a header's key", key);
  if (name === undefined) throw badRecord(line, "a header's key must be a string");
  const what = `header ${String(name)}`;
  return { key: name, value: parseBytes({ line, object, name: "value", what }) };
}

/** The characters of a string, null, the bytes of `{ base64 }`; other JSON is its own text, as written. */
function parseBytes(member: {
  readonly line: string;
  readonly object: JsonObject;
  readonly name: string;
  readonly what: string;
}): Buffer | null {
  const { line, object, name, what } = member;
  const value = object.values[name];
  if (value === null || value === undefined) return null;
  if (typeof value === "string") return Buffer.from(value);
  return base64Of(line, what, value) ?? Buffer.from(object.textOf(name));
}

/** The bytes of `{ base64 }`; undefined for anything else. */
function base64Of(line: string, what: string, value: unknown): Buffer | undefined {
  if (typeof value !== "object" || value === null || !("base64" in value)) return undefined;
  const { base64 } = value;
  if (typeof base64 !== "string" || Object.keys(value).length !== 1) return undefined;
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
