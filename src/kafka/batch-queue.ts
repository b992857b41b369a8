import type { StoredRecord } from "./stored-record.ts";

/** Records of one or more partitions; those of one partition are in the order of their offsets. */
export type RecordBatch = readonly StoredRecord[];

/** Answers that wait for the consumer: one is read while another is worked on. */
const queuedAnswers = 2;

/** Batches on their way from the loops that fetch to the one that takes. */
export interface Queue {
  /** Resolves when there is room for more. */
  put(batch: RecordBatch): Promise<void>;
  /** Undefined at the end; rejects when it ended with an error. */
  take(): Promise<RecordBatch | undefined>;
  /** No more batches are taken in; those inside are still given out unless it ended early. */
  end(error?: Error): void;
}

export function createQueue(): Queue {
  const batches: RecordBatch[] = [];
  let ended = false;
  let failure: Error | undefined;
  let wakeTaker: (() => void) | undefined;
  let wakePutters: (() => void)[] = [];
  return {
    async put(batch) {
      if (ended) return;
      batches.push(batch);
      wakeTaker?.();
      if (batches.length < queuedAnswers) return;
      await new Promise<void>((resolve) => wakePutters.push(resolve));
    },
    async take() {
      while (batches.length === 0) {
        if (ended) break;
        await new Promise<void>((resolve) => (wakeTaker = resolve));
      }
      const batch = batches.shift();
      const waiting = wakePutters;
      wakePutters = [];
      for (const wake of waiting) wake();
      if (batch === undefined && failure !== undefined) throw failure;
      return batch;
    },
    end(error) {
      if (!ended) failure = error;
      ended = true;
      wakeTaker?.();
      for (const wake of wakePutters) wake();
    },
  };
}
