/** Records that could not be written for one reason. */
export interface ProduceFailure {
  /** In the broker's words about the first of them where it said it. */
  readonly why: string;
  readonly next: string | undefined;
  readonly records: number;
  /** The first of the lines they came from, in order; empty where they had none. */
  readonly lines: readonly number[];
}

export interface Failures {
  add(failure: {
    readonly why: string;
    /** What is the same for all records of one reason, whose `why` names numbers of its own. */
    readonly kind?: string | undefined;
    readonly next?: string | undefined;
    /** Of the largest record; the advice for the largest of all is kept. */
    readonly bytes?: number;
    readonly records: number;
    readonly lines: readonly number[];
  }): void;
  /** Of records. */
  count(): number;
  /** One for each reason, in the order in which they were met. */
  list(): ProduceFailure[];
}

/** So many lines tell where to look; more would tell no more. */
const namedLines = 10;
const namedReasons = 20;

export function createFailures(): Failures {
  const groups = new Map<string, ProduceFailure & { readonly bytes: number }>();
  let count = 0;
  return {
    count: () => count,
    list: () => [...groups.values()].map(({ bytes: _, ...failure }) => failure),
    add({ why, kind = why, next, bytes = 0, records, lines }) {
      count += records;
      const isNamed = groups.has(kind) || groups.size < namedReasons;
      const key = isNamed ? kind : "other reasons";
      const known = groups.get(key);
      groups.set(key, {
        why: known?.why ?? (isNamed ? why : key),
        next: known === undefined || bytes > known.bytes ? next : known.next,
        bytes: Math.max(bytes, known?.bytes ?? 0),
        records: records + (known?.records ?? 0),
        lines: firstOf([...(known?.lines ?? []), ...firstOf(lines)]),
      });
    },
  };
}

function firstOf(lines: readonly number[]): number[] {
  return lines.toSorted((a, b) => a - b).slice(0, namedLines);
}
