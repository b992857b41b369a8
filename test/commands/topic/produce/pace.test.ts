import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { pace } from "../../../../src/commands/topic/produce/pace.ts";

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);

/** What has come by each of the times, in milliseconds. */
async function countsAt(
  times: readonly number[],
  options: { readonly perSecond: number; readonly groups: AsyncIterable<number[]> },
): Promise<number[]> {
  const stop = new AbortController();
  const seen: number[] = [];
  const reading = (async () => {
    const paced = pace(options.groups, { perSecond: options.perSecond, signal: stop.signal });
    for await (const group of paced) seen.push(...group);
  })();
  const counts: number[] = [];
  let now = 0;
  for (const time of times) {
    await vi.advanceTimersByTimeAsync(time - now);
    now = time;
    counts.push(seen.length);
  }
  stop.abort();
  await vi.advanceTimersByTimeAsync(1000);
  await reading;
  expect(seen).toEqual(numbers(seen.length));
  return counts;
}

async function* inGroups(...sizes: number[]) {
  let next = 0;
  for (const size of sizes) yield numbers(size).map(() => next++);
}

test("records must go on evenly, the first at once, also less than one a second", async () => {
  const groups = () => inGroups(3, 1000);
  const slow = await countsAt([10, 1990, 2010, 4010], { perSecond: 0.5, groups: groups() });
  expect(slow).toEqual([1, 1, 2, 3]);
  const some = await countsAt([5, 105, 1005], { perSecond: 100, groups: groups() });
  expect(some).toEqual([1, 11, 101]);
});

test("the slowest rate waits a day between two records", async () => {
  const times = [86_399_000, 86_401_000];
  expect(await countsAt(times, { perSecond: 1 / 86_400, groups: inGroups(3) })).toEqual([1, 2]);
});

test("a fast rate must be kept with few timers, and the end be reached", async () => {
  const options = { perSecond: 100_000, groups: inGroups(30_000, 20_000) };
  const [half = 0, all] = await countsAt([250, 600], options);
  expect(half).toBeGreaterThan(24_000);
  expect(half).toBeLessThan(26_000);
  expect(all).toBe(50_000);
});

test("what a slow input did not use must not come in one burst", async () => {
  async function* pausing() {
    yield numbers(1);
    await new Promise((resolve) => setTimeout(resolve, 10_000));
    yield numbers(1000).map((number) => number + 1);
  }
  const counts = await countsAt([9000, 10_020], { perSecond: 100, groups: pausing() });
  expect(counts[0]).toBe(1);
  expect(counts[1]).toBeLessThan(1 + 100 * 0.5);
});
