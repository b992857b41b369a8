import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { sleep } from "../../src/async/timers.ts";
import { timeoutSignal } from "../../src/async/with-timeout.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const dayMs = 86_400_000;

test.each([[1], [dayMs], [25 * dayMs], [60 * dayMs]])("sleeps for exactly %i ms", async (ms) => {
  let over = false;
  const sleeping = sleep(ms).then(() => (over = true));
  await vi.advanceTimersByTimeAsync(ms - 1);
  expect(over).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  await sleeping;
  expect(over).toBe(true);
});

test("a sleep rejects with the reason of an abort, before and while it sleeps", async () => {
  const reason = new Error("stopped");
  await expect(sleep(1000, AbortSignal.abort(reason))).rejects.toBe(reason);
  const controller = new AbortController();
  const sleeping = sleep(60 * dayMs, controller.signal);
  controller.abort(reason);
  await expect(sleeping).rejects.toBe(reason);
  expect(vi.getTimerCount()).toBe(0);
});

test.each([[30 * dayMs], [60 * dayMs]])("a timeout of %i ms ends then, not at once", async (ms) => {
  const signal = timeoutSignal(ms);
  await vi.advanceTimersByTimeAsync(ms - 1);
  expect(signal.aborted).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(signal.reason).toMatchObject({ name: "TimeoutError" });
});
