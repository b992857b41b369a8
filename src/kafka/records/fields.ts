import type { ByteSink } from "./byte-sink.ts";
import type { Decoding, FieldDecoder } from "./decoding.ts";
import type { Timestamp } from "../protocol/int64.ts";
import type { StoredRecord } from "./stored-record.ts";
import { visibleBytes, visibleText } from "../../safe-text/control-characters.ts";

/** Appends one record, or a part of it. */
export type RecordWriter = (record: StoredRecord, sink: ByteSink) => void;

/** How what records hold is shown. */
export interface Presentation {
  readonly decoding?: Decoding | undefined;
  /** For a terminal: control characters, and bytes that are no text, are written so that one sees them. */
  readonly visible?: boolean | undefined;
  /** Told when a key or value is not what `decoding` says; it is then written as it is. */
  readonly onUndecodable?: OnUndecodable | undefined;
}

export type OnUndecodable = (
  record: StoredRecord,
  what: { readonly field: Field; readonly decoder: FieldDecoder },
) => void;

export type Field = "key" | "value";

/** Writes a key or value, byte for byte unless the presentation says otherwise; null writes nothing. */
export function fieldWriter(
  field: Field,
  presentation: Presentation,
  decoder: FieldDecoder | undefined = presentation.decoding?.[field],
): RecordWriter {
  const { visible = false, onUndecodable } = presentation;
  const writeRaw = field === "key" ? writeKey : writeValue;
  if (decoder === undefined && !visible) return writeRaw;
  return (record, sink) => {
    const bytes = record[field];
    if (bytes === null) {
      writeRaw(record, sink);
      return;
    }
    const decoded = decoder?.decode(bytes);
    if (decoder !== undefined && decoded === undefined) onUndecodable?.(record, { field, decoder });
    const content = decoded ?? { kind: "bytes", bytes };
    if (content.kind !== "bytes") sink.text(visible ? visibleText(content.text) : content.text);
    else bytesWriter(visible)(content.bytes, sink);
  };
}

/** Writes bytes as they are, or so that one sees them on a terminal. */
export function bytesWriter(visible: boolean): (bytes: Buffer, sink: ByteSink) => void {
  return visible
    ? (bytes, sink) => sink.text(visibleBytes(bytes))
    : (bytes, sink) => sink.bytes(bytes, 0, bytes.length);
}

function writeKey(record: StoredRecord, sink: ByteSink): void {
  if (record.keyLength > 0) sink.bytes(record.bytes, record.keyAt, record.keyAt + record.keyLength);
}

/** Of a record that can't be read it writes why. */
function writeValue(record: StoredRecord, sink: ByteSink): void {
  if (record.valueLength > 0) {
    sink.bytes(record.bytes, record.valueAt, record.valueAt + record.valueLength);
  } else if (record.problem !== undefined) {
    sink.text(record.problem);
  }
}

/** RFC 3339 in UTC; the number itself where no calendar reaches; `-` for none. */
export function timeText(timestamp: Timestamp): string {
  if (timestamp < 0) return "-";
  const time = new Date(Number(timestamp));
  return Number.isNaN(time.getTime()) ? String(timestamp) : time.toISOString();
}
