import type { Consumer } from "kafkajs";
import { DpError } from "../../errors.ts";
import type { Address } from "../../model/containers.ts";
import { createKafkaClient, reasonOf, withDeadline } from "./client.ts";

export interface GroupRecord {
  readonly partition: number;
  readonly offset: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
}

export interface GroupRead {
  readonly records: readonly GroupRecord[];
  /** Partition → the offset that was committed, the first one not read. */
  readonly committed: ReadonlyMap<number, number>;
}

/**
 * Joins a consumer group, reads `count` records from where the group stands (a new one from the start),
 * commits exactly these, and leaves. Throws DpError `kafka-failed` when that takes longer than
 * `timeoutMs`.
 */
export async function readWithGroup(options: {
  bootstrap: readonly Address[];
  topic: string;
  group: string;
  count: number;
  timeoutMs: number;
  signal?: AbortSignal | undefined;
}): Promise<GroupRead> {
  const { bootstrap, topic, group, count, timeoutMs, signal } = options;
  const client = await createKafkaClient(bootstrap);
  const records: GroupRecord[] = [];
  const consumer = client.consumer({
    groupId: group,
    // On a busy machine heartbeats are seconds late: a member that is removed can't commit.
    sessionTimeout: 12_000,
    rebalanceTimeout: 20_000,
    heartbeatInterval: 1000,
    maxWaitTimeInMs: 100,
    allowAutoTopicCreation: false,
    // The coordinator of a new group may need a moment longer than the client's own retries.
    retry: { retries: 20, initialRetryTime: 50, maxRetryTime: 500 },
  });
  const limit = {
    timeoutMs,
    doing: `reading ${count} records of ${topic} as group ${group}`,
    signal,
  };
  const over = new AbortController();
  const work = joinAndRead(consumer, { topic, count, records, signal: over.signal });
  try {
    return await withDeadline(work, limit);
  } catch (error) {
    if (signal?.aborted === true) throw error;
    throw new DpError({
      code: "kafka-failed",
      message: `consumer group ${group} read ${records.length} of ${count} records of ${topic}`,
      why: reasonOf(error),
      cause: error,
    });
  } finally {
    over.abort(new Error("the read is over"));
    const leaving = { timeoutMs: leavingMs, doing: `leaving group ${group}` };
    // A join that continues after the disconnect would keep its member in the group.
    await withDeadline(work, leaving).catch(() => undefined);
    await withDeadline(consumer.disconnect(), leaving).catch(() => undefined);
  }
}

const leavingMs = 5000;

async function joinAndRead(
  consumer: Consumer,
  wanted: { topic: string; count: number; records: GroupRecord[]; signal: AbortSignal },
): Promise<GroupRead> {
  const { topic, count, records, signal } = wanted;
  await consumer.connect();
  signal.throwIfAborted();
  await consumer.subscribe({ topic, fromBeginning: true });
  signal.throwIfAborted();
  await new Promise<void>((resolve, reject) => {
    consumer.on("consumer.crash", ({ payload }) => {
      if (!payload.restart) reject(payload.error);
    });
    const running = consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      eachBatch: async (payload) => {
        const { batch } = payload;
        for (const { offset, key, value } of batch.messages) {
          if (records.length >= count) break;
          records.push({ partition: batch.partition, offset: Number(offset), key, value });
          // What is not resolved would be fetched again.
          payload.resolveOffset(offset);
        }
        if (records.length >= count) {
          consumer.pause([{ topic }]);
          resolve();
        }
      },
    });
    running.catch(reject);
    const end = (): void => reject(signal.reason as Error);
    signal.addEventListener("abort", () => void running.then(end, end), { once: true });
  });
  const committed = new Map<number, number>();
  for (const { partition, offset } of records) committed.set(partition, offset + 1);
  await consumer.commitOffsets(
    [...committed].map(([partition, offset]) => ({ topic, partition, offset: String(offset) })),
  );
  return { records, committed };
}
