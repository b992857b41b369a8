import { DpError } from "../../errors.ts";

/** A record to be written; what is undefined is left to the producer. */
export interface NewRecord {
  readonly key: Buffer | null;
  /** null is a tombstone. */
  readonly value: Buffer | null;
  /** A key is a Buffer only when it is not UTF-8, which brokers let pass. */
  readonly headers: readonly { readonly key: string | Buffer; readonly value: Buffer | null }[];
  readonly partition?: number | undefined;
  /** Epoch milliseconds, -1 for none; undefined is now. */
  readonly timestamp?: number | undefined;
}

/**
 * Reads one line as jsonLineWriter writes it, of which only `value` must be there. Topic, partition and
 * offset tell where a record came from, not where it goes: they are ignored, so that lines of one topic can
 * be written to another one. Throws DpError `usage` that says what is wrong.
 */
export function parseJsonRecord(line: string): NewRecord {
  const record = objectOf(line);
  if (record === undefined) throw badRecord(line, "it is not a JSON object");
  if (record["value"] === undefined) {
    throw badRecord(line, 'it has no "value" (null is a tombstone)');
  }
  return newRecordOf(line, record);
}

const recordKeys = new Set("topic partition offset timestamp key value headers".split(" "));

/**
 * Reads a line of a seed file: a JSON object that has "value", and nothing that a record has not, is
 * read as by `parseJsonRecord`; any other line is the value itself, as written.
 */
export function parseSeedLine(line: string): NewRecord {
  const record = line.startsWith("{") ? objectOf(line) : undefined;
  if (record?.["value"] !== undefined && Object.keys(record).every((key) => recordKeys.has(key))) {
    return newRecordOf(line, record);
  }
  return { key: null, value: Buffer.from(line), headers: [] };
}

function newRecordOf(line: string, record: Readonly<Record<string, unknown>>): NewRecord {
  const { timestamp, headers = [], problem } = record;
  if (problem !== undefined) {
    throw badRecord(line, `it is one that could not be read (${String(problem)})`);
  }
  const hasTime = timestamp !== undefined && timestamp !== null;
  if (hasTime && !Number.isSafeInteger(timestamp)) {
    throw badRecord(line, "timestamp must be epoch milliseconds");
  }
  if (!Array.isArray(headers)) {
    throw badRecord(line, 'headers must be a list of { "key", "value" }');
  }
  return {
    key: parseBytes(line, "key", record["key"] ?? null),
    value: parseBytes(line, "value", record["value"]),
    headers: headers.map((header: unknown) => parseHeader(line, header)),
    timestamp: hasTime ? Number(timestamp) : undefined,
  };
}

function parseHeader(line: string, header: unknown): NewRecord["headers"][number] {
  const { key, value = null } = (header ?? {}) as Readonly<Record<string, unknown>>;
  const name = typeof key === "string" ? key : base64Of(line, "a header's key", key);
  if (name === undefined) throw badRecord(line, "a header's key must be a string");
  return { key: name, value: parseBytes(line, `header ${String(name)}`, value) };
}

function objectOf(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const parsed: unknown = JSON.parse(line);
    if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) return undefined;
    return parsed as Readonly<Record<string, unknown>>;
  } catch {
    return undefined;
  }
}

/** A string, null, `{ base64 }`; other JSON is taken as its own text. */
function parseBytes(line: string, what: string, value: unknown): Buffer | null {
  if (value === null) return null;
  if (typeof value === "string") return Buffer.from(value);
  return base64Of(line, what, value) ?? Buffer.from(JSON.stringify(value));
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

function badRecord(line: string, why: string): DpError {
  return new DpError({
    code: "usage",
    message: "a line is not a record",
    why,
    evidence: [line.length > 200 ? `${line.slice(0, 200)}…` : line],
    next: 'lines look like {"key": "k", "value": "v", "headers": [{"key": "h", "value": "1"}]}',
  });
}
