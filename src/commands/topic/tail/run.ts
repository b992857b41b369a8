import type { Cluster } from "../../../kafka/cluster/cluster.ts";
import { lastRecords } from "../../../kafka/read/last-records.ts";
import { rangesOf, startsOf, type LogRange } from "../../../kafka/read/log-ranges.ts";
import type { OffsetRange } from "../../../kafka/read/offsets.ts";
import { readRecords } from "../../../kafka/read/reader.ts";
import type { RecordFilter } from "../../../kafka/records/record-filter.ts";
import type { StoredRecord } from "../../../kafka/records/stored-record.ts";
import type { Emit } from "../../../model/events.ts";
import { nothingThere, searchHint, silenceHint, type BegunAt } from "./hint.ts";
import { createIdleWatch } from "./idle.ts";
import { findTopics } from "./topics.ts";
import type { WriteRecords } from "./writer.ts";

export interface TailRequest {
  readonly topics: readonly string[];
  readonly partitions: readonly number[] | undefined;
  /** Undefined: the last `lines` first. */
  readonly range: OffsetRange | undefined;
  readonly lines: number;
  /** At most so many are shown. */
  readonly count: number;
  readonly toEnd: boolean;
  readonly idleMs: number | undefined;
  readonly filter: RecordFilter | undefined;
  readonly readCommitted: boolean;
  readonly checkCrcs: boolean;
}

interface Planned extends BegunAt {
  readonly until: number | undefined;
}

interface Tail {
  readonly request: TailRequest;
  readonly cluster: Cluster;
  readonly stop: AbortSignal;
  readonly emit: Emit;
}

const hintAfterMs = 3000;

/** Reads and writes until the end that was asked for, or until `stop` is aborted. */
export async function runTail(
  tail: Tail & { readonly writerFor: (topics: readonly string[]) => WriteRecords },
): Promise<void> {
  const { request, cluster, stop } = tail;
  const { partitions, readCommitted } = request;
  const topics = await findTopics(cluster, request.topics);
  const where = { cluster, topics, partitions, readCommitted };
  const ranges = await rangesOf({ ...where, signal: stop });
  const shown = createShown(tail.writerFor(topics), request);
  const reading = { ...tail, ranges, shown };
  const plan =
    request.range === undefined ? await showLast(reading) : await planRange(reading, request.range);
  if (shown.left() <= 0 || stop.aborted) return;
  if (plan.some(({ from, until }) => until === undefined || from < until)) {
    await follow(reading, plan);
  } else if (request.range !== undefined || ranges.every(({ logStart, end }) => logStart === end)) {
    inform(tail.emit, nothingThere(ranges));
  }
}

interface Reading extends Tail {
  readonly ranges: readonly LogRange[];
  readonly shown: Shown;
}

/** Shows the last records; returns what is to be read after them. */
async function showLast(reading: Reading): Promise<Planned[]> {
  const { request, cluster, stop, emit, ranges, shown } = reading;
  const { lines: count, filter: accept, readCommitted, checkCrcs } = request;
  const note = (text: string): void => warn(emit, text);
  const how = { accept, readCommitted, checkCrcs, signal: stop, note };
  const hint = setTimeout(() => inform(emit, searchHint(count)), hintAfterMs);
  try {
    const last = await lastRecords({ cluster, ranges, count, ...how });
    if (!stop.aborted) await shown.give(last);
  } finally {
    clearTimeout(hint);
  }
  const until = (range: LogRange) => (request.toEnd ? range.end : undefined);
  return ranges.map((range) => ({ ...range, from: range.end, until: until(range) }));
}

async function planRange(
  { request, cluster, ranges }: Reading,
  range: OffsetRange,
): Promise<Planned[]> {
  const end = range.end ?? (request.toEnd ? ({ kind: "end" } as const) : undefined);
  const [starts, ends] = await Promise.all([
    startsOf(cluster, ranges, range.start),
    end && startsOf(cluster, ranges, end),
  ]);
  return ranges.map((one, index) => ({
    ...one,
    from: starts[index] ?? one.end,
    until: ends && (ends[index] ?? one.end),
  }));
}

async function follow(reading: Reading, plan: readonly Planned[]): Promise<void> {
  const { request, cluster, stop, emit, shown } = reading;
  const { filter, readCommitted, checkCrcs } = request;
  const idle = createIdleWatch(request.idleMs);
  const note = (text: string): void => {
    idle.excuse();
    warn(emit, text);
  };
  const hint = setTimeout(() => {
    if (shown.total() > 0) return;
    inform(emit, silenceHint({ partitions: plan, unmatched: shown.unmatched() }));
  }, hintAfterMs);
  const signal = AbortSignal.any([stop, idle.signal]);
  const how = { readCommitted, checkCrcs, signal, note };
  try {
    idle.arm();
    for await (const batch of readRecords({ cluster, plan, ...how })) {
      idle.disarm();
      await shown.give(filter === undefined ? batch : batch.filter(filter), batch.length);
      if (shown.left() <= 0 || stop.aborted) return;
      idle.arm();
    }
  } finally {
    clearTimeout(hint);
    idle.disarm();
  }
}

type Shown = ReturnType<typeof createShown>;

/** Counts what is shown, and shows no more than was asked for. */
function createShown(write: WriteRecords, { count }: Pick<TailRequest, "count">) {
  let total = 0;
  let read = 0;
  return {
    total: () => total,
    left: () => count - total,
    unmatched: () => read - total,
    async give(records: readonly StoredRecord[], readRecords = records.length): Promise<void> {
      const wanted = records.length > count - total ? records.slice(0, count - total) : records;
      total += wanted.length;
      read += readRecords;
      if (wanted.length > 0) await write(wanted);
    },
  };
}

function inform(emit: Emit, text: string): void {
  emit({ type: "note", level: "info", text });
}

function warn(emit: Emit, text: string): void {
  emit({ type: "note", level: "warning", text });
}
