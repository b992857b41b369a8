import { DpError } from "../../errors.ts";
import type { Cluster } from "../cluster/cluster.ts";
import type { Compression } from "../records/codecs.ts";
import { loadPacking, sourceRecord, type Packing, type SourceRecord } from "./encoder.ts";
import { describeTopicsOrFail } from "../read/log-ranges.ts";
import { partitionOfKey } from "./partitioner.ts";
import { expiryOf, isExpired } from "./expiry.ts";
import type { ProduceFailure } from "./failures.ts";
import { appendRecord, type Lane } from "./lane.ts";
import { createSender, type Acks, type Sender } from "./sender.ts";
import type { NewRecord } from "../records/record.ts";

export interface Produced {
  readonly records: number;
  /** Of keys and values that were written. */
  readonly bytes: number;
  /** Records sent again because an answer was lost, each time counted: with acks 0 and 1 they may be duplicates. */
  readonly resent: number;
  readonly failed: number;
  /** Records that are older than the topic's retention, if they may be old: brokers delete them soon. */
  readonly expired: number;
  /** The first failure, in the broker's words. */
  readonly failure: string | undefined;
  readonly failures: readonly ProduceFailure[];
  /** Why it ended before all records were taken in; undefined when it did not. */
  readonly ended: string | undefined;
  readonly durationMs: number;
  /** Partition → offset of the first record written to it; empty with acks 0. */
  readonly firstOffsets: ReadonlyMap<number, number>;
}

/** Half of what a topic takes unless it is told otherwise. */
const usualBatchBytes = 512 * 1024;

/**
 * Writes records to one topic, in their order within each partition. Records with a key go where Java's
 * default partitioner sends them (murmur2), those without to one partition after another that has a
 * leader. With acks "all" each is written once, through lost connections and changes of leaders; what
 * has no leader for 30 s fails and ends it. What a broker refuses counts as failed and the rest goes on.
 * Throws DpError `unknown-topic` at once when there is no such topic.
 */
export async function produceRecords(options: {
  cluster: Cluster;
  topic: string;
  /** Those that come one after another are given in groups: one by one would take most of the time. */
  records: Iterable<NewRecord> | AsyncIterable<Iterable<SourceRecord>>;
  /** Whether records bring times of their own. */
  mayBeOld?: boolean;
  acks?: Acks;
  compression?: Compression;
  /** A batch is full at so many bytes, before it is packed. */
  batchBytes?: number;
  /** Called after each answer with the counts so far. */
  progress?: (counts: { readonly records: number; readonly failed: number }) => void;
  /** Gets a line about trouble that lasts. */
  note?: (text: string) => void;
  /** Ends it at once, with its reason. */
  signal?: AbortSignal | undefined;
  /** Takes in no more records, and ends when those taken in are written. */
  stop?: AbortSignal | undefined;
}): Promise<Produced> {
  const { cluster, topic, records, acks = "all", compression = "none", signal, stop } = options;
  const { batchBytes: maxBytes = usualBatchBytes } = options;
  const started = performance.now();
  const [[found], packing] = await Promise.all([
    describeTopicsOrFail(cluster, [topic]),
    loadPacking(compression),
  ]);
  if (found === undefined) throw new Error("no metadata");
  const expiry = options.mayBeOld === true ? await expiryOf(cluster, topic) : -Infinity;
  let expired = 0;
  const sender: Sender = createSender({
    cluster,
    topic: found,
    acks,
    packing,
    signal,
    stop,
    note: options.note,
    progress: () =>
      options.progress?.({ records: sender.written.records, failed: sender.failures.count() }),
  });
  const groups = groupsOf(records);
  try {
    const choose = partitionChooser(topic, sender.lanes);
    try {
      while (stop?.aborted !== true) {
        const next = await sender.unlessEnded(groups.next());
        if (next === undefined || next.done === true) break;
        expired += takeIn({ group: next.value, choose, packing, maxBytes, expiry });
        sender.pump();
        await sender.room();
      }
    } finally {
      // What came before a failure of the input is written all the same.
      await sender.finish();
    }
  } finally {
    // Not waited for: it may be blocked by an input that never ends.
    void groups.return().catch(() => undefined);
    sender.close();
  }
  const { written, failures, firstOffsets } = sender;
  const listed = failures.list();
  return {
    ...written,
    failed: failures.count(),
    expired,
    failure: listed[0]?.why,
    failures: listed,
    ended: sender.ended(),
    firstOffsets,
    durationMs: performance.now() - started,
  };
}

/** Returns how many of the records have expired. */
function takeIn(options: {
  readonly group: Iterable<SourceRecord>;
  readonly choose: (record: SourceRecord) => Lane;
  readonly packing: Packing;
  readonly maxBytes: number;
  readonly expiry: number;
}): number {
  const { group, choose, packing, maxBytes, expiry } = options;
  const style = { packing, maxBytes, now: Date.now() };
  let expired = 0;
  for (const record of group) {
    if (isExpired(record, expiry)) expired++;
    appendRecord(choose(record), record, style);
  }
  return expired;
}

function partitionChooser(topic: string, lanes: readonly Lane[]): (record: SourceRecord) => Lane {
  let turn = 0;
  const inTurn = (): Lane | undefined => {
    for (let tried = 0; tried < lanes.length; tried++) {
      const lane = lanes[turn++ % lanes.length];
      if (lane !== undefined && lane.leader >= 0) return lane;
    }
    return lanes[turn++ % lanes.length];
  };
  return ({ key, partition }) => {
    const chosen = partition ?? (key === null ? undefined : partitionOfKey(key, lanes.length));
    const lane = chosen === undefined ? inTurn() : lanes[chosen];
    if (lane !== undefined) return lane;
    throw new DpError({
      code: "usage",
      message: `topic "${topic}" has no partition ${partition}`,
      why: `its partitions are 0 to ${lanes.length - 1}`,
      next: `dp topic describe ${topic}`,
    });
  };
}

const groupRecords = 1000;

async function* groupsOf(
  records: Iterable<NewRecord> | AsyncIterable<Iterable<SourceRecord>>,
): AsyncGenerator<Iterable<SourceRecord>, void, void> {
  if (Symbol.asyncIterator in records) {
    yield* records;
    return;
  }
  let group: SourceRecord[] = [];
  for (const record of records) {
    if (group.push(sourceRecord(record)) < groupRecords) continue;
    yield group;
    group = [];
  }
  if (group.length > 0) yield group;
}
