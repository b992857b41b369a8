import type { Judgement, ReadRecord } from "./model.ts";

/** A record that was written, and where it has to be found. */
export interface Expected {
  readonly partition: number;
  /** Unique among those expected. */
  readonly value: string;
}

/** What became of records that were written in the order of `Expected`. */
export interface Delivery {
  readonly expected: number;
  /** Distinct ones that came back. */
  readonly returned: number;
  readonly lost: number;
  /** Copies beyond the first. */
  readonly doubled: number;
  /** Came back from another partition. */
  readonly misplaced: number;
  /** Came back after a later one of their partition. */
  readonly unordered: number;
  /** Nobody wrote them. */
  readonly foreign: number;
}

/** Compares what was read, in any order of partitions, with what was written. Pure. */
export function compareDelivery(
  expected: readonly Expected[],
  read: readonly ReadRecord[],
): Delivery {
  const places = new Map(
    expected.map(({ value, partition }, index) => [value, { partition, index }] as const),
  );
  const seen = new Set<string>();
  const lastIndex = new Map<number, number>();
  const counts = { doubled: 0, misplaced: 0, unordered: 0, foreign: 0 };
  for (const { partition, value } of read.toSorted((a, b) => a.offset - b.offset)) {
    const place = value === null ? undefined : places.get(value);
    if (value === null || place === undefined) counts.foreign++;
    else if (seen.has(value)) counts.doubled++;
    else {
      seen.add(value);
      if (place.partition !== partition) counts.misplaced++;
      else if (place.index < (lastIndex.get(partition) ?? -1)) counts.unordered++;
      else lastIndex.set(partition, place.index);
    }
  }
  const { size: returned } = seen;
  return { expected: expected.length, returned, lost: expected.length - returned, ...counts };
}

/** Everything came back once, in order, where it belongs, and something was written at all. */
export function isWhole(delivery: Delivery): boolean {
  return delivery.expected > 0 && formatFaults(delivery) === "";
}

/** `1 lost, 2 doubled`; empty when there are none. */
export function formatFaults(delivery: Delivery): string {
  const { lost, doubled, misplaced, unordered, foreign } = delivery;
  const faults: [number, string][] = [
    [lost, "lost"],
    [doubled, "doubled"],
    [unordered, "out of order"],
    [misplaced, "on a wrong partition"],
    [foreign, "that nobody wrote"],
  ];
  return faults
    .filter(([count]) => count > 0)
    .map(([count, what]) => `${count} ${what}`)
    .join(", ");
}

/** The delivery without duplicates that Kafka allows: those of `resent` records, of which an answer was lost. */
export function withoutResent(delivery: Delivery, resent: number): Delivery {
  return { ...delivery, doubled: Math.max(0, delivery.doubled - resent) };
}

export function judge(ok: boolean, evidence: string): Judgement {
  return { verdict: ok ? "passed" : "failed", evidence };
}
