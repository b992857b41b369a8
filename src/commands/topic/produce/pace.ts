import { sleep } from "../../../async/timers.ts";

/** What was not used, because the input was slow, is made up for this long. */
const creditMs = 200;
/** Timers are no finer than this. */
const shortestMs = 4;

/**
 * The groups cut so that as many items a second go on as asked, evenly: below some hundred one by one,
 * above a few every few milliseconds. The first goes at once. Ends early when `signal` is aborted.
 */
export async function* pace<T>(
  groups: AsyncIterable<Iterable<T>>,
  limit: { readonly perSecond: number; readonly signal: AbortSignal },
): AsyncGenerator<readonly T[], void, void> {
  const intervalMs = 1000 / limit.perSecond;
  let due = performance.now();
  for await (const items of groups) {
    const group = [...items];
    for (let at = 0; at < group.length;) {
      const now = performance.now();
      due = Math.max(due, now - creditMs);
      const count = Math.floor((now - due) / intervalMs) + 1;
      if (count > 0) {
        yield group.slice(at, at + count);
        due += Math.min(count, group.length - at) * intervalMs;
        at += count;
      }
      if (at >= group.length) break;
      const waitMs = Math.max(shortestMs, due - performance.now());
      await sleep(waitMs, limit.signal).catch(() => {});
      if (limit.signal.aborted) return;
    }
  }
}
