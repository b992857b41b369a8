import { isUtf8 } from "node:buffer";
import { DpError } from "../errors.ts";
import type { ByteSink } from "./byte-sink.ts";
import type { RecordWriter } from "./format.ts";
import type { KafkaRecord, RecordHeader } from "./stored-record.ts";

/** Bytes as JSON carries them: null is no value at all; what is not UTF-8 is base64. */
type JsonBytes = string | null | { readonly base64: string };

/** One record as `tail --json` writes it and `produce --json` reads it. */
export interface JsonRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** Epoch milliseconds. */
  readonly timestamp: number;
  readonly key: JsonBytes;
  readonly value: JsonBytes;
  readonly headers: readonly { readonly key: string; readonly value: JsonBytes }[];
  /** Only there when the record could not be decoded. */
  readonly problem?: string;
}

const names = {
  timestamp: Buffer.from(',"timestamp":'),
  key: Buffer.from(',"key":'),
  value: Buffer.from(',"value":'),
  noHeaders: Buffer.from(',"headers":[]'),
  none: Buffer.from("null"),
  quote: Buffer.from('"'),
  end: Buffer.from("}\n"),
};

/**
 * Writes a record as one line of JSON, in the shape of `JsonRecord`. Most of it goes byte for byte from
 * the answer to the sink: strings in between would take most of the time.
 */
export function jsonLineWriter(): RecordWriter {
  let topic = "";
  let partition = -1;
  let beginning = Buffer.alloc(0);
  return (record, sink) => {
    if (record.topic !== topic || record.partition !== partition) {
      ({ topic, partition } = record);
      const text = JSON.stringify({ topic, partition });
      beginning = Buffer.from(`${text.slice(0, -1)},"offset":`);
    }
    append(sink, beginning);
    sink.integer(record.offset);
    append(sink, names.timestamp);
    sink.integer(record.timestamp);
    append(sink, names.key);
    appendBytes(sink, record.bytes, { at: record.keyAt, length: record.keyLength });
    append(sink, names.value);
    appendBytes(sink, record.bytes, { at: record.valueAt, length: record.valueLength });
    if (record.hasHeaders) {
      sink.text(`,"headers":${JSON.stringify(record.headers.map(jsonHeader))}`);
    } else {
      append(sink, names.noHeaders);
    }
    if (record.problem !== undefined) sink.text(`,"problem":${JSON.stringify(record.problem)}`);
    append(sink, names.end);
  };
}

function append(sink: ByteSink, bytes: Buffer): void {
  sink.bytes(bytes, 0, bytes.length);
}

function appendBytes(
  sink: ByteSink,
  bytes: Buffer,
  { at, length }: { readonly at: number; readonly length: number },
): void {
  if (length < 0) {
    append(sink, names.none);
    return;
  }
  const before = sink.size;
  append(sink, names.quote);
  if (sink.jsonPlain(bytes, at, at + length)) {
    append(sink, names.quote);
    return;
  }
  sink.cut(before);
  sink.text(JSON.stringify(jsonBytes(bytes.subarray(at, at + length))));
}

function jsonHeader({ key, value }: RecordHeader): JsonRecord["headers"][number] {
  return { key, value: jsonBytes(value) };
}

/** The record as an object, for documents that hold several. */
export function jsonRecordOf(record: KafkaRecord): JsonRecord {
  const { topic, partition, offset, timestamp, problem } = record;
  return {
    topic,
    partition,
    offset,
    timestamp,
    key: jsonBytes(record.key),
    value: jsonBytes(record.value),
    headers: record.headers.map(jsonHeader),
    ...(problem === undefined ? {} : { problem }),
  };
}

function jsonBytes(bytes: Buffer | null): JsonBytes {
  if (bytes === null) return null;
  return isUtf8(bytes) ? bytes.toString() : { base64: bytes.toString("base64") };
}

/** A record to be written; what is undefined is left to the producer. */
export interface NewRecord {
  readonly key: Buffer | null;
  /** null is a tombstone. */
  readonly value: Buffer | null;
  readonly headers: readonly { readonly key: string; readonly value: Buffer | null }[];
  readonly partition?: number | undefined;
  /** Epoch milliseconds; undefined is now. */
  readonly timestamp?: number | undefined;
}

/**
 * Reads one line in the shape of `JsonRecord`, of which only `value` must be there. Topic, partition
 * and offset tell where a record came from, not where it goes: they are ignored, so that lines of
 * one topic can be written to another one. Throws DpError `usage` that says what is wrong.
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
  const { timestamp, headers = [] } = record;
  if (timestamp !== undefined && timestamp !== null && typeof timestamp !== "number") {
    throw badRecord(line, "timestamp must be epoch milliseconds");
  }
  if (!Array.isArray(headers)) {
    throw badRecord(line, 'headers must be a list of { "key", "value" }');
  }
  return {
    key: parseBytes(line, "key", record["key"] ?? null),
    value: parseBytes(line, "value", record["value"]),
    headers: headers.map((header: unknown) => {
      const { key, value = null } = (header ?? {}) as Readonly<Record<string, unknown>>;
      if (typeof key !== "string") throw badRecord(line, "a header's key must be a string");
      return { key, value: parseBytes(line, `header ${key}`, value) };
    }),
    timestamp: typeof timestamp === "number" && timestamp >= 0 ? timestamp : undefined,
  };
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
  if (typeof value === "object" && value !== null && "base64" in value) {
    const { base64 } = value;
    if (typeof base64 === "string" && Object.keys(value).length === 1) {
      if (!/^[A-Za-z0-9+/]*={0,2}$/.test(base64)) throw badRecord(line, `${what} is not base64`);
      return Buffer.from(base64, "base64");
    }
  }
  return Buffer.from(JSON.stringify(value));
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
