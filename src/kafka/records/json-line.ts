import { isUtf8 } from "node:buffer";
import { ByteSink } from "./byte-sink.ts";
import type { Field, Presentation, RecordWriter } from "./fields.ts";
import { Cursor, type StoredRecord } from "./stored-record.ts";
import { visibleJson } from "../../safe-text/control-characters.ts";

const names = {
  timestamp: Buffer.from(',"timestamp":'),
  key: Buffer.from(',"key":'),
  value: Buffer.from(',"value":'),
  noHeaders: Buffer.from(',"headers":[]'),
  headers: Buffer.from(',"headers":['),
  headerKey: Buffer.from('{"key":'),
  none: Buffer.from("null"),
  quote: Buffer.from('"'),
  end: Buffer.from("}\n"),
};

/**
 * Writes a record as one line of JSON: topic, partition, offset, timestamp (epoch ms, -1 for none), key,
 * value, headers (a list of key and value), and `problem` where the record can't be read. Most of it goes
 * byte for byte from the answer to the sink: strings in between would take most of the time.
 */
export function jsonLineWriter(presentation: Presentation = {}): RecordWriter {
  const append = plainLineWriter(presentation);
  if (presentation.visible !== true) return append;
  const line = new ByteSink();
  return (record, sink) => {
    append(record, line);
    sink.text(visibleJson(line.take().toString()));
  };
}

function plainLineWriter(presentation: Presentation): RecordWriter {
  const appendKey = decodedFieldWriter("key", presentation);
  const appendValue = decodedFieldWriter("value", presentation);
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
    if (appendKey !== undefined) appendKey(record, sink);
    else appendBytes(sink, record.bytes, { at: record.keyAt, length: record.keyLength });
    append(sink, names.value);
    if (appendValue !== undefined) appendValue(record, sink);
    else appendBytes(sink, record.bytes, { at: record.valueAt, length: record.valueLength });
    if (record.hasHeaders) appendHeaders(record, sink);
    else append(sink, names.noHeaders);
    if (record.problem !== undefined) sink.text(`,"problem":${JSON.stringify(record.problem)}`);
    append(sink, names.end);
  };
}

function append(sink: ByteSink, bytes: Buffer): void {
  sink.bytes(bytes, 0, bytes.length);
}

/** A length of -1 is null. */
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

/** Undefined for a field that is not decoded. */
function decodedFieldWriter(
  field: Field,
  { decoding, onUndecodable }: Presentation,
): RecordWriter | undefined {
  const decoder = decoding?.[field];
  if (decoder === undefined) return undefined;
  return (record, sink) => {
    const bytes = record[field];
    if (bytes === null) {
      append(sink, names.none);
      return;
    }
    const decoded = decoder.decode(bytes);
    if (decoded === undefined) onUndecodable?.(record, { field, decoder });
    const content = decoded ?? { kind: "bytes", bytes };
    switch (content.kind) {
      case "text":
        sink.text(JSON.stringify(content.text));
        break;
      case "literal":
        sink.text(content.text);
        break;
      case "bytes":
        appendBytes(sink, content.bytes, { at: 0, length: content.bytes.length });
        break;
    }
  };
}

/** From the bytes themselves: a key that is not UTF-8 would be lost in a string. */
function appendHeaders({ bytes, headersAt }: StoredRecord, sink: ByteSink): void {
  const cursor = new Cursor(bytes, headersAt);
  const appendNext = (): void => {
    const length = cursor.varint();
    appendBytes(sink, bytes, { at: cursor.at, length });
    cursor.at += Math.max(0, length);
  };
  append(sink, names.headers);
  const count = cursor.varint();
  for (let index = 0; index < count; index++) {
    if (index > 0) sink.ascii(",");
    append(sink, names.headerKey);
    appendNext();
    append(sink, names.value);
    appendNext();
    sink.ascii("}");
  }
  sink.ascii("]");
}

/** Bytes as JSON carries them: what is not UTF-8 is base64. */
function jsonBytes(bytes: Buffer): string | { readonly base64: string } {
  return isUtf8(bytes) ? bytes.toString() : { base64: bytes.toString("base64") };
}
