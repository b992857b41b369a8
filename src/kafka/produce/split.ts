import { compressions } from "../records/codecs.ts";
import { decodeRecords } from "../read/decoder.ts";
import { BatchBuilder, recordsAt, type Packing } from "./encoder.ts";
import type { Batch } from "./lane.ts";
import type { StoredRecord } from "../records/stored-record.ts";

/**
 * The records of a batch in several smaller ones, in their order: of at most `maxBytes` each before they
 * are packed (a larger record alone), or in halves where that would be one again.
 */
export function splitBatch(
  batch: Batch,
  options: { readonly packing: Packing; readonly maxBytes: number | undefined },
): Batch[] {
  const { packing, maxBytes } = options;
  const records = recordsOf(batch, packing);
  const fitting = maxBytes === undefined ? [records] : groupsOfBytes(records, maxBytes);
  const middle = Math.ceil(records.length / 2);
  const groups = fitting.length > 1 ? fitting : [records.slice(0, middle), records.slice(middle)];
  return groups.map((group) => rebuild(batch, group, packing));
}

/** The batch less the records at these places; none when that is all of them. */
export function withoutRecords(
  batch: Batch,
  options: { readonly packing: Packing; readonly places: ReadonlySet<number> },
): Batch[] {
  const { packing, places } = options;
  const left = recordsOf(batch, packing).filter(({ offset }) => !places.has(offset));
  return left.length === 0 ? [] : [rebuild(batch, left, packing)];
}

/** Their offsets are their places in the batch. */
function recordsOf(batch: Batch, { compression, codec }: Packing): StoredRecord[] {
  const records: StoredRecord[] = [];
  const codecs = new Map([[compressions.indexOf(compression), codec]]);
  const source = { topic: "", partition: 0, bytes: batch.bytes, from: 0, until: Infinity, codecs };
  decodeRecords(source, records);
  return records;
}

function groupsOfBytes(records: readonly StoredRecord[], maxBytes: number): StoredRecord[][] {
  const groups: StoredRecord[][] = [];
  let size = Infinity;
  for (const record of records) {
    // What stands between two values is the next record's beginning: close enough.
    const bytes = record.valueAt + Math.max(0, record.valueLength) - record.keyAt + recordOverhead;
    const headers = record.headers.reduce(
      (sum, { key, value }) => sum + key.length * 3 + (value?.length ?? 0) + recordOverhead,
      0,
    );
    size += bytes + headers;
    if (size > maxBytes) {
      groups.push([]);
      size = recordsAt + bytes + headers;
    }
    groups.at(-1)?.push(record);
  }
  return groups;
}

/** Lengths, deltas and attributes of a record take at most this. */
const recordOverhead = 30;

function rebuild(batch: Batch, records: readonly StoredRecord[], packing: Packing): Batch {
  const builder = new BatchBuilder();
  let dataBytes = 0;
  for (const record of records) {
    builder.append(record, record.timestamp);
    dataBytes += Math.max(0, record.keyLength) + Math.max(0, record.valueLength);
  }
  return {
    bytes: builder.finish(packing),
    records: records.length,
    dataBytes,
    lines: batch.lines.length === 0 ? [] : records.map(({ offset }) => batch.lines[offset] ?? 0),
    place: batch.place + (records[0]?.offset ?? 0),
    sequence: undefined,
    sends: 0,
    turn: 0,
    isRepeated: false,
    uncertain: false,
  };
}
