import { setMaxListeners } from "node:events";
import { silenceSignal } from "./silence.ts";
import { sleep } from "./timers.ts";
import { cancelableTimeout, withAbort } from "./with-timeout.ts";

export interface RetryInput<T> {
  /** One attempt. Gets a signal that is aborted at the deadline, and when the caller's signal is aborted. */
  readonly attempt: (signal: AbortSignal) => Promise<T>;
  /** Whether a later attempt may succeed after this failure; every other failure is thrown at once. */
  readonly isRetriable: (thrown: unknown) => boolean;
  /** Milliseconds for all attempts, a number of any size. */
  readonly timeoutMs: number;
  /**
   * What `timeoutMs` counts: all time (default), or only the time that this process spent waiting, see
   * startSilenceTimer. "waiting" is for checks of other programs, which are not at fault when dp gets no CPU time.
   */
  readonly counts?: "all" | "waiting";
  /** Milliseconds between the end of an attempt and the start of the next one. */
  readonly pauseMs: number;
  readonly signal: AbortSignal;
  /** Called with the failure of each attempt that is followed by another one. */
  readonly onRetry?: (thrown: unknown) => void;
}

/**
 * Returns what the first successful attempt returns. Throws the first failure that is not retriable, the
 * signal's reason as soon as the signal is aborted, and at the deadline the failure of the last attempt
 * that ended by itself: it says more than "timed out". A `TimeoutError` means that no attempt ended.
 */
export async function retryUntil<T>(input: RetryInput<T>): Promise<T> {
  const { attempt, isRetriable, timeoutMs, counts = "all", pauseMs, signal, onRetry } = input;
  signal.throwIfAborted();
  const start = counts === "all" ? cancelableTimeout : silenceSignal;
  const { signal: deadline, cancel } = start(timeoutMs);
  const either = AbortSignal.any([signal, deadline]);
  // Each request that an attempt has in flight may add a listener.
  setMaxListeners(0, either);
  let lastFailure: unknown;
  const throwWhenOver = (): void => {
    signal.throwIfAborted();
    if (deadline.aborted) throw lastFailure ?? deadline.reason;
  };
  try {
    for (;;) {
      try {
        // An attempt may wait for something that its signal does not end.
        return await withAbort(attempt(either), either);
      } catch (thrown) {
        throwWhenOver();
        if (!isRetriable(thrown)) throw thrown;
        lastFailure = thrown;
      }
      onRetry?.(lastFailure);
      await sleep(pauseMs, either).catch(() => {});
      throwWhenOver();
    }
  } finally {
    cancel();
  }
}
