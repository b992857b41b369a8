import type { NewRecord } from "./record.ts";

export interface RecordGroup {
  readonly records: readonly NewRecord[];
  /** Of keys and values. */
  readonly bytes: number;
}

/**
 * Groups records for sending: a group is full at `maxRecords` or `maxBytes`, and goes as it is `lingerMs`
 * after its first record, so that a line typed by a person is written at once. Errors of the source
 * come after the records before them.
 */
export async function* collectBatches(
  source: AsyncIterable<NewRecord> | Iterable<NewRecord>,
  limits: { readonly maxRecords: number; readonly maxBytes: number; readonly lingerMs: number },
): AsyncGenerator<RecordGroup, void, void> {
  const iterator = iteratorOf(source);
  let records: NewRecord[] = [];
  let bytes = 0;
  let linger: Linger | undefined;
  const take = (): RecordGroup => {
    clearTimeout(linger?.timer);
    linger = undefined;
    const group = { records, bytes };
    records = [];
    bytes = 0;
    return group;
  };
  let failure: { readonly error: unknown } | undefined;
  try {
    let next = iterator.next();
    for (;;) {
      const waited = linger === undefined ? await settle(next) : await orLate(next, linger);
      if (waited === "late") {
        yield take();
        continue;
      }
      if ("error" in waited) {
        failure = waited;
        break;
      }
      if (waited.done === true) break;
      records.push(waited.value);
      linger ??= startLinger(limits.lingerMs);
      bytes += (waited.value.key?.length ?? 0) + (waited.value.value?.length ?? 0);
      next = iterator.next();
      if (records.length >= limits.maxRecords || bytes >= limits.maxBytes) yield take();
    }
    if (records.length > 0) yield take();
    if (failure !== undefined) throw failure.error;
  } finally {
    clearTimeout(linger?.timer);
    void Promise.resolve(iterator.return?.()).catch(() => undefined);
  }
}

type Next = IteratorResult<NewRecord, unknown>;
type Settled = Next | { readonly error: unknown };

function iteratorOf(
  source: AsyncIterable<NewRecord> | Iterable<NewRecord>,
): AsyncIterator<NewRecord> | Iterator<NewRecord> {
  return Symbol.asyncIterator in source
    ? source[Symbol.asyncIterator]()
    : source[Symbol.iterator]();
}

async function settle(next: Next | Promise<Next>): Promise<Settled> {
  try {
    return await next;
  } catch (error) {
    return { error };
  }
}

/** One timer for a group, not for a record: timers cost more than the records. */
interface Linger {
  readonly timer: NodeJS.Timeout;
  readonly late: Promise<"late">;
}

function startLinger(ms: number): Linger {
  let end: (() => void) | undefined;
  const late = new Promise<"late">((resolve) => (end = () => resolve("late")));
  return { timer: setTimeout(() => end?.(), ms), late };
}

async function orLate(next: Next | Promise<Next>, linger: Linger): Promise<Settled | "late"> {
  return next instanceof Promise ? Promise.race([settle(next), linger.late]) : next;
}
