import { compareDelivery, isWhole, type Delivery, type Expected } from "./delivery.ts";
import type { ReadRecord, SmokeCluster } from "./model.ts";
import { sleep } from "../async/timers.ts";

/*
 * Several checks write to one topic: each value says whose it is, `<tag> <number>`.
 */

/** `count` records for each of the partitions, in turn. */
export function taggedRecords(
  tag: string,
  options: { readonly count: number; readonly partitions: readonly number[] },
): (Expected & { readonly key: null })[] {
  const { count, partitions } = options;
  return Array.from({ length: count }, (_, round) =>
    partitions.map((partition) => ({
      key: null,
      partition,
      value: `${tag} ${round}.${partition}`,
    })),
  ).flat();
}

export function withTag(records: readonly ReadRecord[], tag: string): ReadRecord[] {
  return records.filter(({ value }) => value?.startsWith(`${tag} `) === true);
}

/**
 * Reads until the records of `tag` are all there, or for `patienceMs`: with acks 0 and 1 they may be
 * visible a moment after the producer was done. Returns what was there at the end.
 */
export async function awaitDelivery(options: {
  readonly cluster: SmokeCluster;
  readonly topic: string;
  readonly partition?: number;
  readonly tag: string;
  readonly expected: readonly Expected[];
  readonly patienceMs: number;
  readonly signal: AbortSignal;
}): Promise<Delivery> {
  const { cluster, topic, partition, tag, expected, patienceMs, signal } = options;
  const deadline = performance.now() + patienceMs;
  for (;;) {
    signal.throwIfAborted();
    const read = withTag(await cluster.read(topic, partition), tag);
    const delivery = compareDelivery(expected, read);
    if (isWhole(delivery) || delivery.lost === 0 || performance.now() > deadline) return delivery;
    await sleep(50, signal);
  }
}
