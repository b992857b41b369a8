import { packedRecords, producerId, type BatchHeader } from "../records/batch-header.ts";
import { Cursor } from "../records/stored-record.ts";
import type { AbortedTransaction } from "../protocol/read-requests.ts";

/**
 * Drops what aborted transactions wrote. `aborted` is what the Fetch answer names for these batches. A
 * transaction goes on until its producer's control batch.
 */
export function withoutAborted(
  batches: readonly BatchHeader[],
  aborted: readonly AbortedTransaction[],
): readonly BatchHeader[] {
  if (aborted.length === 0) return batches;
  const begins = aborted.toSorted((a, b) => a.firstOffset - b.firstOffset);
  const aborting = new Set<number>();
  let begun = 0;
  return batches.filter((batch) => {
    for (; (begins[begun]?.firstOffset ?? Infinity) <= batch.last; begun++) {
      aborting.add(begins[begun]?.producerId ?? -1);
    }
    if (batch.isControl && isAbort(batch)) aborting.delete(producerId(batch));
    return batch.isControl || !batch.isTransactional || !aborting.has(producerId(batch));
  });
}

/** The key of a control record is version INT16, type INT16: 0 abort, 1 commit. */
function isAbort(batch: BatchHeader): boolean {
  const records = packedRecords(batch);
  const cursor = new Cursor(records, 0);
  cursor.varint();
  cursor.at++;
  cursor.varlong();
  cursor.varint();
  const keyLength = cursor.varint();
  return (
    keyLength >= 4 && cursor.at + 4 <= records.length && records.readInt16BE(cursor.at + 2) === 0
  );
}
