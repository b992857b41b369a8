import { DpError, messageOf } from "../../errors.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { retryWhileMoving } from "../cluster/moving.ts";
import { decodeRecords } from "../read/decoder.ts";
import { rangesOf } from "../read/log-ranges.ts";
import type { PartitionLag } from "./lag.ts";
import type { StoredRecord } from "../records/stored-record.ts";
import { BrokerError, noError, unknownServerError } from "../protocol/error-codes.ts";
import { fetchRequest } from "../protocol/read-requests.ts";

const answerMs = 3000;
/** Enough for the first batch of most partitions; the broker sends a larger one whole when alone. */
const firstLookBytes = 64 * 1024;
const atOnce = 64;
/** Batches without a record to read, such as transaction markers, that are looked beyond. */
const looks = 5;

/** Epoch milliseconds; undefined where nothing is unread that can be read. */
export type UnreadTime = number | undefined | UnreadUnknown;

/** What kept dp from reading the oldest unread record. */
interface UnreadUnknown {
  readonly reason: string;
}

/**
 * When the oldest record was written that a group has not read yet, in the order of `lags`: by reading
 * that record; of a compressed batch it is the time of its first one. Leaders that move are looked for
 * again. Does not throw: what can't be read is unknown, with the reason.
 */
export async function oldestUnread(
  cluster: Cluster,
  lags: readonly PartitionLag[],
): Promise<UnreadTime[]> {
  const times = new Map<PartitionLag, UnreadTime>();
  const leaders = new Map<number, PartitionLag[]>();
  for (const lag of lags) {
    if (lag.lag > 0) leaders.set(lag.leader, [...(leaders.get(lag.leader) ?? []), lag]);
  }
  await Promise.all(
    [...leaders.values()].map(async (own) => {
      for (let at = 0; at < own.length; at += atOnce) {
        const some = own.slice(at, at + atOnce).map(firstLook);
        const all = () => some.filter(({ lag }) => !times.has(lag));
        const left = await look({ cluster, times }, some).catch(all);
        await Promise.all(left.map((one) => lookAlone({ cluster, times }, one)));
      }
    }),
  );
  return lags.map((lag) => times.get(lag));
}

interface Looking {
  readonly cluster: Cluster;
  readonly times: Map<PartitionLag, UnreadTime>;
}

interface Look {
  readonly lag: PartitionLag;
  readonly leader: number;
  readonly from: number;
}

function firstLook(lag: PartitionLag): Look {
  const { leader, logStart, committed = logStart } = lag;
  return { lag, leader, from: Math.max(logStart, committed) };
}

/** The leader may have moved, and the log begin later, since the lag was found. */
async function lookAlone(looking: Looking, first: Look): Promise<void> {
  const { cluster, times } = looking;
  const { topic, partition } = first.lag;
  const attempt = async (): Promise<void> => {
    const [range] = await rangesOf({ cluster, topics: [topic], partitions: [partition] });
    const { leader, logStart } = range ?? first.lag;
    let left = [{ ...first, leader, from: Math.max(first.from, logStart) }];
    for (let turn = 0; turn < looks && left.length > 0; turn += 1) left = await look(looking, left);
  };
  try {
    await retryWhileMoving({ cluster, attempt });
  } catch (error) {
    const why = error instanceof DpError ? error.why : undefined;
    times.set(first.lag, { reason: why ?? messageOf(error) });
  }
}

/**
 * Notes the times of the first records that one leader has; returns where to look on for those that were
 * not found. Throws when the leader does not give all partitions.
 */
async function look({ cluster, times }: Looking, wanted: readonly Look[]): Promise<Look[]> {
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
  const answers = await cluster.ask(wanted[0]?.leader ?? -1, request, answerMs);
  let failure: BrokerError | undefined;
  const left = wanted.flatMap((one) => {
    const { lag, from } = one;
    const { topic, partition, end } = lag;
    const answer = answers.find((each) => each.topic === topic && each.partition === partition);
    if (answer?.errorCode !== noError) {
      failure ??= new BrokerError(request.name, answer?.errorCode ?? unknownServerError);
      return [];
    }
    const records: StoredRecord[] = [];
    const source = { topic, partition, bytes: answer.records, from, until: end };
    const next = decodeRecords(source, records);
    const [first] = records;
    if (first === undefined) return next < end ? [{ ...one, from: next }] : [];
    // Beyond 2^53 it is no time in milliseconds, so it tells no age.
    const { timestamp } = first;
    if (typeof timestamp === "number" && timestamp >= 0) times.set(lag, timestamp);
    return [];
  });
  if (failure !== undefined) throw failure;
  return left;
}
