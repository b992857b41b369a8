import { withoutAborted } from "./aborted.ts";
import { decodeRecords } from "./decoder.ts";
import type { FetchedBatches } from "./fetch-loop.ts";
import { rangesOf } from "./log-ranges.ts";
import { loadCodecs, startFetching } from "./reader.ts";
import type { Cluster } from "../cluster/cluster.ts";
import {
  currentMagic,
  offsetAfter,
  recordCount,
  type BatchHeader,
} from "../records/batch-header.ts";
import type { Codec } from "../records/codecs.ts";
import type { StoredRecord } from "../records/stored-record.ts";

export interface RecordCounter {
  /**
   * The number of records that the topic holds, counted no further than `most`: committed ones that
   * retention and compaction have left. Throws DpError as rangesOf and readRecords do.
   */
  count(asked: {
    readonly cluster: Cluster;
    readonly most: number;
    readonly signal: AbortSignal;
  }): Promise<number>;
}

/** How far the log of a partition is counted. */
interface Counted {
  readonly logStart: number;
  next: number;
  records: number;
}

/**
 * Counts the records of a topic from the headers of their batches: offsets also count transaction markers,
 * aborted records, and what was compacted away. A later count continues where the last one ended.
 */
export function createRecordCounter(topic: string): RecordCounter {
  const counted = new Map<number, Counted>();
  return {
    async count({ cluster, most, signal }) {
      const ranges = await rangesOf({ cluster, topics: [topic], readCommitted: true, signal });
      for (const partition of counted.keys()) {
        if (!ranges.some((range) => range.partition === partition)) counted.delete(partition);
      }
      const plan = ranges.map((range) => {
        const { partition, logStart, end } = range;
        const known = counted.get(partition);
        // What was removed from the log's start counts no more; a log that is shorter is another one.
        const isSame = known !== undefined && known.logStart === logStart && known.next <= end;
        const from = isSame ? known.next : logStart;
        if (!isSame) counted.set(partition, { logStart, next: logStart, records: 0 });
        return { ...range, from, until: end };
      });
      const total = () => [...counted.values()].reduce((sum, { records }) => sum + records, 0);
      const fetching = startFetching({ cluster, plan, signal, readCommitted: true });
      try {
        while (total() < most) {
          const fetched = await fetching.take();
          signal.throwIfAborted();
          if (fetched === undefined) break;
          const position = counted.get(fetched.partition);
          if (position === undefined) continue;
          position.records += await countIn(fetched);
          position.next = offsetAfter(fetched.batches, fetched.from);
        }
      } finally {
        fetching.stop();
      }
      return Math.min(total(), most);
    },
  };
}

/** The records of the batches from the fetched offset on, without those of aborted transactions. */
async function countIn(fetched: FetchedBatches): Promise<number> {
  const { batches, aborted = [], from } = fetched;
  let records = 0;
  for (const batch of withoutAborted(batches, aborted)) {
    if (batch.isControl || batch.last < from) continue;
    const isWhole = batch.base >= from && batch.magic === currentMagic;
    records += isWhole ? recordCount(batch) : await countDecoded(fetched, batch);
  }
  return records;
}

/** The header of a batch that begins before the offset also counts records that are before it. */
async function countDecoded(fetched: FetchedBatches, batch: BatchHeader): Promise<number> {
  const codecs = new Map<number, Codec>();
  await loadCodecs([batch], codecs);
  const records: StoredRecord[] = [];
  const bytes = batch.bytes.subarray(batch.at, batch.end);
  decodeRecords({ ...fetched, aborted: [], bytes, codecs }, records);
  return records.length;
}
