import type { Cluster } from "../cluster/cluster.ts";
import type { LogRange } from "./log-ranges.ts";
import { readRecords } from "./reader.ts";
import type { StoredRecord } from "../records/stored-record.ts";
import type { Timestamp } from "../protocol/int64.ts";

/**
 * The last `count` records of all the ranges together, merged by timestamp; those of one partition stay
 * in their order. All records when there are fewer. Gaps in a log are read over: each partition is
 * searched backwards until it has given `count` records or has no more.
 */
export async function lastRecords(options: {
  cluster: Cluster;
  ranges: readonly LogRange[];
  count: number;
  /** Others are left out, and don't count. */
  accept?: ((record: StoredRecord) => boolean) | undefined;
  signal?: AbortSignal | undefined;
  note?: ((text: string) => void) | undefined;
  readCommitted?: boolean | undefined;
  checkCrcs?: boolean | undefined;
}): Promise<StoredRecord[]> {
  const { ranges, count, accept = () => true, signal } = options;
  const found: StoredRecord[][] = ranges.map(() => []);
  let span = count;
  let open = ranges.map((range, index) => ({ range, index, until: range.end }));
  while (count > 0) {
    const plan = open
      .map((one) => ({ ...one, from: Math.max(one.range.logStart, one.until - span) }))
      .filter(({ from, until }) => from < until);
    if (plan.length === 0 || signal?.aborted === true) break;
    const read = new Map<string, StoredRecord[]>(plan.map(({ range }) => [keyOf(range), []]));
    const parts = plan.map(({ range, from, until }) => ({ ...range, from, until }));
    for await (const batch of readRecords({ ...options, plan: parts })) {
      for (const record of batch) if (accept(record)) read.get(keyOf(record))?.push(record);
    }
    for (const { range, index } of plan) {
      found[index] = [...(read.get(keyOf(range)) ?? []), ...(found[index] ?? [])];
    }
    open = plan
      .filter(({ index }) => (found[index]?.length ?? 0) < count)
      .map(({ range, index, from }) => ({ range, index, until: from }));
    span *= 4;
  }
  return mergeLast(found, count);
}

function keyOf(at: { readonly topic: string; readonly partition: number }): string {
  return `${at.partition} ${at.topic}`;
}

/** The last `count` of several sequences, merged by timestamp from their ends. Pure. */
export function mergeLast<Item extends { readonly timestamp: Timestamp }>(
  sequences: readonly (readonly Item[])[],
  count: number,
): Item[] {
  const left = sequences.map((sequence) => sequence.length);
  const merged: Item[] = [];
  while (merged.length < count) {
    let latest: Item | undefined;
    let from = -1;
    for (const [index, sequence] of sequences.entries()) {
      const last = sequence[(left[index] ?? 0) - 1];
      if (last !== undefined && (latest === undefined || last.timestamp >= latest.timestamp)) {
        latest = last;
        from = index;
      }
    }
    if (latest === undefined) break;
    merged.push(latest);
    left[from] = (left[from] ?? 0) - 1;
  }
  return merged.toReversed();
}
