import { messageOf } from "../../errors.ts";
import type { BatchHeader } from "../records/batch-header.ts";
import { createByteQueue } from "./byte-queue.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { createQuotaNotes } from "../cluster/quota-notes.ts";
import { compressions, loadCodec, type Codec } from "../records/codecs.ts";
import { decodeInParts } from "./decoder.ts";
import type { FetchedBatches } from "./fetch-loop.ts";
import { fetchAll, type ReadPlan } from "./fetch-rounds.ts";
import type { StoredRecord } from "../records/stored-record.ts";

/** Records of one partition, in the order of their offsets. */
export type RecordBatch = readonly StoredRecord[];

/** What is fetched ahead; beside it there is one answer of each broker on its way. */
const aheadBytes = 1024 * 1024;

/**
 * Reads partitions without a consumer group and leaves nothing behind on the brokers. One loop for each
 * broker fetches ahead while the caller works, up to 1 MB; records are decoded as they are taken. The end
 * is a matter of positions, so gaps in a log never hang it. Ends quietly when `signal` is aborted or
 * every `until` is reached. Leaders that move, die or don't answer are looked for again for 30 s; `note`
 * gets a line for each such event. With `readCommitted` records of transactions that are open or aborted
 * are left out, with `checkCrcs` batches that don't match their checksum are told as records with a
 * problem. Throws when a topic is gone, no leader came back, or no broker answers.
 */
export async function* readRecords(options: {
  cluster: Cluster;
  plan: readonly ReadPlan[];
  signal?: AbortSignal | undefined;
  note?: ((text: string) => void) | undefined;
  readCommitted?: boolean | undefined;
  checkCrcs?: boolean | undefined;
}): AsyncGenerator<RecordBatch, void, void> {
  const { checkCrcs = false } = options;
  const fetching = startFetching(options);
  const codecs = new Map<number, Codec>();
  try {
    const check = checkCrcs ? { crc32c: (await import("../records/crc32c.ts")).crc32c } : {};
    for (;;) {
      const fetched = await fetching.take();
      if (fetched === undefined) return;
      await loadCodecs(fetched.batches, codecs);
      for (const records of decodeInParts({ ...fetched, codecs, ...check }, fetched.batches)) {
        if (fetching.stopping.aborted) return;
        yield records;
      }
    }
  } finally {
    fetching.stop();
  }
}

export interface Fetching {
  /** Undefined at the end; rejects with what `readRecords` throws. */
  take(): Promise<FetchedBatches | undefined>;
  readonly stopping: AbortSignal;
  /** Must be called in the end. */
  stop(): void;
}

/** Fetches batches as `readRecords` does, which are not decoded. */
export function startFetching(options: {
  readonly cluster: Cluster;
  readonly plan: readonly ReadPlan[];
  readonly signal?: AbortSignal | undefined;
  readonly note?: ((text: string) => void) | undefined;
  readonly readCommitted?: boolean | undefined;
}): Fetching {
  const { cluster, plan, signal, note, readCommitted = false } = options;
  const queue = createByteQueue<FetchedBatches>(aheadBytes);
  const stopping = new AbortController();
  const stop = () => {
    signal?.removeEventListener("abort", stop);
    stopping.abort();
    queue.end();
  };
  signal?.addEventListener("abort", stop, { once: true });
  if (signal?.aborted === true) stop();
  const noteQuota = createQuotaNotes({ cluster, work: "reading", note });
  const reading = { cluster, queue, stopping: stopping.signal, note, noteQuota, readCommitted };
  void fetchAll(reading, plan).then(
    () => queue.end(),
    (error: unknown) => queue.end(error instanceof Error ? error : new Error(messageOf(error))),
  );
  return { take: () => queue.take(), stopping: stopping.signal, stop };
}

/** Loads the codecs that the batches need and that are not in `loaded` yet. */
export async function loadCodecs(
  batches: readonly BatchHeader[],
  loaded: Map<number, Codec>,
): Promise<void> {
  for (const { codec } of batches) {
    const compression = compressions[codec];
    if (codec === 0 || compression === undefined || loaded.has(codec)) continue;
    const unusable = (error: unknown) => unusableCodec(`${compression}: ${messageOf(error)}`);
    loaded.set(codec, await loadCodec(compression).catch(unusable));
  }
}

/** Its batches are told as ones that can't be decoded. */
function unusableCodec(why: string): Codec {
  const fail = () => {
    throw new Error(why);
  };
  return { pack: fail, unpack: fail };
}
