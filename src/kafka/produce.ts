import { DpError, messageOf } from "../errors.ts";
import type { Cluster } from "./cluster.ts";
import { encodeBatch, type Compression } from "./encoder.ts";
import { describeTopicsOrFail } from "./log-ranges.ts";
import { partitionOfKey } from "./partitioner.ts";
import { collectBatches } from "./produce-batches.ts";
import type { NewRecord } from "./record.ts";
import { errorText, isPassing, messageTooLarge, noError } from "./wire/error-codes.ts";
import { produceRequest, type PartitionWritten } from "./wire/produce-request.ts";
import type { TopicMetadata } from "./wire/read-requests.ts";

export type Acks = 0 | 1 | "all";

export interface Produced {
  readonly records: number;
  /** Of keys and values that were written. */
  readonly bytes: number;
  readonly failed: number;
  /** The first failure, in the broker's words. */
  readonly failure: string | undefined;
  readonly durationMs: number;
  /** Partition → offset of the first record written to it; empty with acks 0. */
  readonly firstOffsets: ReadonlyMap<number, number>;
}

const batchRecords = 5000;
const batchBytes = 512 * 1024;
const lingerMs = 20;
/** A leader answers when a killed follower has left the in-sync replicas; sent again, it would double. */
const requestMs = 20_000;
/** A killed leader's session lasts 6 s; its partitions have a new one soon after. */
const patienceMs = 20_000;
const backOffMs = 100;

/**
 * Writes records to one topic, in their order within each partition. Records with a key go where Java's
 * default partitioner sends them (murmur2), those without to one partition after another. Records wait
 * for others at most 20 ms. What a broker refuses counts as failed and the rest goes on; when no leader
 * can be reached for 20 s it ends there. Records may be written twice when a broker dies. Throws DpError
 * `unknown-topic` at once when there is no such topic.
 */
export async function produceRecords(options: {
  cluster: Cluster;
  topic: string;
  records: AsyncIterable<NewRecord> | Iterable<NewRecord>;
  acks?: Acks;
  compression?: Compression;
  /** Called after each group of records with the counts so far. */
  progress?: (counts: { readonly records: number; readonly failed: number }) => void;
  signal?: AbortSignal | undefined;
}): Promise<Produced> {
  const { cluster, topic, records, acks = "all", compression = "none", signal, progress } = options;
  const started = performance.now();
  const [found] = await describeTopicsOrFail(cluster, [topic]);
  if (found === undefined) throw new Error("no metadata");
  const leaders = leadersOf(found);
  const counts = { records: 0, bytes: 0, failed: 0 };
  const firstOffsets = new Map<number, number>();
  let failure: string | undefined;
  let turn = 0;
  const limits = { maxRecords: batchRecords, maxBytes: batchBytes, lingerMs };
  for await (const group of collectBatches(records, limits)) {
    signal?.throwIfAborted();
    const byPartition = new Map<number, NewRecord[]>();
    for (const record of group.records) {
      const partition = choosePartition(record, { topic, partitions: leaders.size, turn });
      if (record.key === null) turn++;
      const own = byPartition.get(partition);
      if (own === undefined) byPartition.set(partition, [record]);
      else own.push(record);
    }
    const written = await write({
      cluster,
      topic,
      leaders,
      byPartition,
      acks,
      compression,
      signal,
    });
    let unreachable = false;
    for (const { partition, records: own, errorCode, errorMessage, baseOffset } of written) {
      if (errorCode === noError) {
        counts.records += own.length;
        for (const { key, value } of own) counts.bytes += (key?.length ?? 0) + (value?.length ?? 0);
        if (baseOffset >= 0 && !firstOffsets.has(partition)) {
          firstOffsets.set(partition, baseOffset);
        }
      } else {
        counts.failed += own.length;
        failure ??= `partition ${partition}: ${errorText(errorCode, errorMessage)}`;
        unreachable ||= isPassing(errorCode);
      }
    }
    progress?.(counts);
    if (unreachable) break;
  }
  return { ...counts, failure, firstOffsets, durationMs: performance.now() - started };
}

function choosePartition(
  record: NewRecord,
  among: { readonly topic: string; readonly partitions: number; readonly turn: number },
): number {
  const { topic, partitions, turn } = among;
  const { partition, key } = record;
  if (partition === undefined) {
    return key === null ? turn % partitions : partitionOfKey(key, partitions);
  }
  if (partition >= 0 && partition < partitions) return partition;
  throw new DpError({
    code: "usage",
    message: `topic "${topic}" has no partition ${partition}`,
    why: `its partitions are 0 to ${partitions - 1}`,
    next: `dp topic describe ${topic}`,
  });
}

function leadersOf(topic: TopicMetadata): Map<number, number> {
  return new Map(topic.partitions.map(({ partition, leader }) => [partition, leader]));
}

function halvesOf(records: readonly NewRecord[]): (readonly NewRecord[])[] {
  const middle = Math.ceil(records.length / 2);
  return [records.slice(0, middle), records.slice(middle)];
}

/** Code for what happened between dp and a broker, where no broker gave one. */
const notReached = 5;

interface Written extends PartitionWritten {
  readonly records: readonly NewRecord[];
}

/**
 * Writes each partition's records as a batch to its leader, again and again while that may help. A
 * batch that is too large for the topic is written again in halves.
 */
async function write(options: {
  cluster: Cluster;
  topic: string;
  leaders: Map<number, number>;
  byPartition: ReadonlyMap<number, readonly NewRecord[]>;
  acks: Acks;
  compression: Compression;
  signal: AbortSignal | undefined;
}): Promise<Written[]> {
  const { cluster, topic, leaders, byPartition, acks, compression, signal } = options;
  const now = Date.now();
  let left = [...byPartition].map(([partition, records]) => ({
    partition,
    records,
    batch: encodeBatch(records, { compression, now }),
  }));
  const done: Written[] = [];
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const ids = [...new Set(left.map(({ partition }) => leaders.get(partition) ?? -1))];
    const answers = await Promise.all(
      ids.map(async (id): Promise<PartitionWritten[]> => {
        const writes = left.filter(({ partition }) => (leaders.get(partition) ?? -1) === id);
        const request = produceRequest({
          topic,
          acks: acks === "all" ? -1 : acks,
          timeoutMs: requestMs,
          writes,
        });
        try {
          return await cluster.ask(id, request, requestMs + 1000);
        } catch (error) {
          const errorMessage = messageOf(error);
          return writes.map(({ partition }) => ({
            partition,
            errorCode: notReached,
            errorMessage,
            baseOffset: -1,
          }));
        }
      }),
    );
    signal?.throwIfAborted();
    const late = performance.now() > deadline;
    const again = new Set<number>();
    for (const answer of answers.flat()) {
      const records = left.find(({ partition }) => partition === answer.partition)?.records ?? [];
      if (isPassing(answer.errorCode) && !late) {
        again.add(answer.partition);
      } else if (answer.errorCode === messageTooLarge && records.length > 1) {
        for (const half of halvesOf(records)) {
          const only = new Map([[answer.partition, half]]);
          done.push(...(await write({ ...options, byPartition: only })));
        }
      } else {
        done.push({ ...answer, records });
      }
    }
    left = left.filter(({ partition }) => again.has(partition));
    if (left.length === 0) return done;
    await new Promise((resolve) => setTimeout(resolve, backOffMs));
    const metadata = await cluster.metadata([topic]);
    const found = metadata.topics.find(({ name }) => name === topic);
    for (const [partition, leader] of found === undefined ? [] : leadersOf(found)) {
      leaders.set(partition, leader);
    }
  }
}
