import { ByteSink } from "../../src/kafka/records/byte-sink.ts";
import { decodeRecords } from "../../src/kafka/read/decoder.ts";
import { encodeBatch, loadPacking } from "../../src/kafka/produce/encoder.ts";
import type { RecordWriter } from "../../src/kafka/records/fields.ts";
import type { NewRecord } from "../../src/kafka/records/record.ts";
import type { StoredRecord } from "../../src/kafka/records/stored-record.ts";

export const storedAt = Date.parse("2026-11-22T10:00:00.123Z");

const packing = await loadPacking("none");

/** Records as they lie in an answer of partition 2 of `orders`, from offset 0. */
export function storedRecords(records: readonly Partial<NewRecord>[]): StoredRecord[] {
  const whole = records.map((record) => ({
    key: null,
    value: null,
    headers: [],
    timestamp: storedAt,
    ...record,
  }));
  const bytes = encodeBatch(whole, { packing, now: 0 });
  const found: StoredRecord[] = [];
  const until = records.length;
  decodeRecords({ topic: "orders", partition: 2, bytes, from: 0, until }, found);
  return found;
}

export function storedRecord(record: Partial<NewRecord>): StoredRecord {
  const [only] = storedRecords([record]);
  if (only === undefined) throw new Error("nothing was decoded");
  return only;
}

/** What a writer makes of a record, as bytes. */
export function bytesOf(write: RecordWriter, record: Partial<NewRecord>): Buffer {
  const sink = new ByteSink();
  write(storedRecord(record), sink);
  return sink.take();
}

export function textOf(write: RecordWriter, record: Partial<NewRecord>): string {
  return bytesOf(write, record).toString();
}
