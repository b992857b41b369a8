import type { Cluster } from "../cluster/cluster.ts";
import { decodeRecords } from "../read/decoder.ts";
import type { PartitionLag } from "./lag.ts";
import type { StoredRecord } from "../records/stored-record.ts";
import { noError } from "../wire/error-codes.ts";
import { fetchRequest, type FetchedPartition } from "../wire/read-requests.ts";

const answerMs = 3000;
/** Enough for the first batch of most partitions; the broker sends a larger one whole when alone. */
const firstLookBytes = 64 * 1024;
const atOnce = 64;
/** Batches without a record to read, such as transaction markers, that are looked beyond. */
const looks = 5;

/**
 * When the oldest record was written that a group has not read yet, epoch milliseconds, in the order of
 * `lags`: by reading that record; of a compressed batch it is the time of its first one. Undefined where
 * nothing is unread, and where the record can't be read.
 */
export async function oldestUnread(
  cluster: Cluster,
  lags: readonly PartitionLag[],
): Promise<(number | undefined)[]> {
  const times = new Map<PartitionLag, number>();
  const leaders = new Map<number, PartitionLag[]>();
  for (const lag of lags) {
    if (lag.lag > 0) leaders.set(lag.leader, [...(leaders.get(lag.leader) ?? []), lag]);
  }
  await Promise.all(
    [...leaders].map(async ([leader, own]) => {
      for (let at = 0; at < own.length; at += atOnce) {
        const some = own.slice(at, at + atOnce);
        const left = await look({ cluster, leader, times }, some.map(firstLook));
        await Promise.all(left.map((one) => lookAlone({ cluster, leader, times }, one)));
      }
    }),
  );
  return lags.map((lag) => times.get(lag));
}

interface Looking {
  readonly cluster: Cluster;
  readonly leader: number;
  readonly times: Map<PartitionLag, number>;
}

interface Look {
  readonly lag: PartitionLag;
  readonly from: number;
}

function firstLook(lag: PartitionLag): Look {
  return { lag, from: Math.max(lag.logStart, lag.committed ?? lag.logStart) };
}

async function lookAlone(looking: Looking, first: Look): Promise<void> {
  let left = [first];
  for (let turn = 0; turn < looks && left.length > 0; turn += 1) left = await look(looking, left);
}

/** Notes the times of the first records; returns where to look on for those that were not found. */
async function look({ cluster, leader, times }: Looking, wanted: readonly Look[]): Promise<Look[]> {
  const request = fetchRequest({
    positions: wanted.map(({ lag: { topic, partition }, from: offset }) => ({
      topic,
      partition,
      offset,
    })),
    maxWaitMs: 0,
    maxBytes: firstLookBytes * wanted.length,
    partitionMaxBytes: firstLookBytes,
  });
  const answers = await cluster.ask(leader, request, answerMs).catch((): FetchedPartition[] => []);
  return wanted.flatMap(({ lag, from }) => {
    const { topic, partition, end } = lag;
    const answer = answers.find((one) => one.topic === topic && one.partition === partition);
    if (answer?.errorCode !== noError) return [];
    const records: StoredRecord[] = [];
    const source = { topic, partition, bytes: answer.records, from, until: end };
    const next = decodeRecords(source, records);
    const [first] = records;
    if (first === undefined) return next < end ? [{ lag, from: next }] : [];
    // Beyond 2^53 it is no time in milliseconds, so it tells no age.
    const { timestamp } = first;
    if (typeof timestamp === "number" && timestamp >= 0) times.set(lag, timestamp);
    return [];
  });
}
