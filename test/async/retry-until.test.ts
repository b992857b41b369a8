import { expect, test, vi } from "vitest";
import { retryUntil } from "../../src/async/retry-until.ts";
import { withTimeout } from "../../src/async/with-timeout.ts";

const never = new Promise<never>(() => {});
const { signal } = new AbortController();
const retried = { isRetriable: () => true, pauseMs: 1, timeoutMs: 30_000, signal };

test("a retriable failure is followed by another attempt", async () => {
  const failures: unknown[] = [];
  let attempts = 0;
  const attempt = async (): Promise<string> => {
    attempts += 1;
    if (attempts < 3) throw new Error(`attempt ${attempts}`);
    return "done";
  };
  const onRetry = (thrown: unknown): void => void failures.push((thrown as Error).message);
  expect(await retryUntil({ ...retried, attempt, onRetry })).toBe("done");
  expect(failures).toEqual(["attempt 1", "attempt 2"]);
});

test("a failure that is not retriable is thrown at once", async () => {
  const attempt = () => Promise.reject(new Error("refused"));
  const input = { ...retried, attempt, isRetriable: () => false };
  await expect(retryUntil(input)).rejects.toThrow("refused");
});

test("the deadline throws the failure of the last attempt that ended", async () => {
  let attempts = 0;
  const attempt = (): Promise<never> =>
    (attempts += 1) === 1 ? Promise.reject(new Error("no leader")) : never;
  await expect(retryUntil({ ...retried, attempt, timeoutMs: 20 })).rejects.toThrow("no leader");
});

test("an attempt that never ends is a TimeoutError at the deadline", async () => {
  const input = { ...retried, attempt: () => never, timeoutMs: 5 };
  await expect(retryUntil(input)).rejects.toMatchObject({ name: "TimeoutError" });
});

test("an abort ends the retries with its reason", async () => {
  const controller = new AbortController();
  const attempt = (): Promise<never> => {
    controller.abort(new Error("interrupted"));
    return Promise.reject(new Error("no leader"));
  };
  const input = { ...retried, attempt, signal: controller.signal };
  await expect(retryUntil(input)).rejects.toThrow("interrupted");
});

test("work that takes too long fails with the given error, even when it ignores its signal", async () => {
  const onTimeout = (): Error => new Error("the broker did not respond within 5 ms");
  await expect(withTimeout({ work: () => never, timeoutMs: 5, onTimeout })).rejects.toThrow(
    "the broker did not respond within 5 ms",
  );
});

test("work that ends in time keeps its outcome", async () => {
  expect(await withTimeout({ work: async () => 7, timeoutMs: 30_000 })).toBe(7);
  const failing = { work: () => Promise.reject(new Error("no")), timeoutMs: 30_000 };
  await expect(withTimeout(failing)).rejects.toThrow("no");
});

test("retries that are over leave no timer behind", async () => {
  vi.useFakeTimers();
  try {
    expect(await retryUntil({ ...retried, attempt: async () => 1 })).toBe(1);
    expect(vi.getTimerCount()).toBe(0);
  } finally {
    vi.useRealTimers();
  }
});
