import { DpError } from "../errors.ts";
import type { ByteSink } from "./byte-sink.ts";
import type { StoredRecord } from "./stored-record.ts";

/** Appends one record. */
export type RecordWriter = (record: StoredRecord, sink: ByteSink) => void;

const verbs: Readonly<Record<string, RecordWriter>> = {
  t: (record, sink) => sink.text(record.topic),
  p: (record, sink) => sink.ascii(String(record.partition)),
  o: (record, sink) => sink.ascii(String(record.offset)),
  T: (record, sink) => sink.ascii(String(record.timestamp)),
  D: (record, sink) => sink.ascii(timeText(record.timestamp)),
  k: writeKey,
  v: writeValue,
  K: (record, sink) => sink.ascii(String(record.keyLength)),
  V: (record, sink) => sink.ascii(String(record.valueLength)),
  h: (record, sink) => {
    for (const [index, { key, value }] of record.headers.entries()) {
      sink.text(`${index === 0 ? "" : ","}${key}=`);
      if (value !== null) sink.bytes(value, 0, value.length);
    }
  },
  "%": (_record, sink) => sink.ascii("%"),
};

const escapes: Readonly<Record<string, string>> = {
  n: "\n",
  t: "\t",
  r: "\r",
  "0": "\0",
  "\\": "\\",
};

/**
 * Compiles the text of `--format` once:
 *
 *   %t topic   %p partition   %o offset   %T timestamp, epoch ms   %D the same as RFC 3339
 *   %k key     %v value       %h headers `a=1,b=2`   %K %V length of key and value (-1 = null)
 *   %% a percent sign         \n \t \r \0 \\ as in C
 *
 * Keys and values are written byte for byte; null writes nothing. Nothing is added at the end of a
 * record. Throws DpError `usage` for other verbs.
 */
export function compileFormat(format: string): RecordWriter {
  const parts: RecordWriter[] = [];
  for (const [whole, literal, verb, escaped] of format.matchAll(/([^%\\]+)|%(.?)|\\(.?)/gsu)) {
    if (verb === undefined) {
      const text = literal ?? escapes[escaped ?? ""];
      if (text === undefined) throw badFormat(whole, format);
      const bytes = Buffer.from(text);
      parts.push((_record, sink) => sink.bytes(bytes, 0, bytes.length));
    } else {
      const write = verbs[verb];
      if (write === undefined) throw badFormat(whole, format);
      parts.push(write);
    }
  }
  const [only] = parts;
  if (only !== undefined && parts.length === 1) return only;
  return (record, sink) => {
    for (const write of parts) write(record, sink);
  };
}

function badFormat(part: string, format: string): DpError {
  return new DpError({
    code: "usage",
    message: `--format does not know "${part}"`,
    why: `in "${format}"; known are %t %p %o %T %D %k %v %h %K %V %% and \\n \\t \\r \\0 \\\\`,
    next: "dp topic tail TOPIC --format '%t %p %o %T %k %v %h\\n'",
  });
}

function writeKey(record: StoredRecord, sink: ByteSink): void {
  if (record.keyLength > 0) sink.bytes(record.bytes, record.keyAt, record.keyAt + record.keyLength);
}

function writeValue(record: StoredRecord, sink: ByteSink): void {
  if (record.valueLength > 0) {
    sink.bytes(record.bytes, record.valueAt, record.valueAt + record.valueLength);
  } else if (record.problem !== undefined) {
    sink.text(record.problem);
  }
}

/**
 * The line for people: `[topic]  partition:offset  time  key  value`, with `-` for no key and
 * `(tombstone)` for no value. `nameTopic` gives the topic's text, where several are read.
 */
export function humanWriter(nameTopic?: (topic: string) => string): RecordWriter {
  let timestamp = -1;
  let time = timeText(timestamp);
  return (record, sink) => {
    if (nameTopic !== undefined) sink.text(`${nameTopic(record.topic)}  `);
    if (record.timestamp !== timestamp) {
      ({ timestamp } = record);
      time = timeText(timestamp);
    }
    sink.integer(record.partition);
    sink.ascii(":");
    sink.integer(record.offset);
    sink.ascii(`  ${time}  `);
    if (record.keyLength < 0) sink.ascii("-");
    else writeKey(record, sink);
    sink.ascii("  ");
    if (record.valueLength < 0 && record.problem === undefined) sink.ascii("(tombstone)");
    else writeValue(record, sink);
    sink.ascii("\n");
  };
}

function timeText(timestamp: number): string {
  return timestamp < 0 ? "-" : new Date(timestamp).toISOString();
}
