import { setMaxListeners } from "node:events";
import { startTimer } from "./timers.ts";

/**
 * A signal that is aborted after `ms` milliseconds, a number of any size, with a `TimeoutError` as its
 * reason, as AbortSignal.timeout does for up to 49 days. It does not keep the process running.
 */
export function timeoutSignal(ms: number): AbortSignal {
  return cancelableTimeout(ms).signal;
}

/** As timeoutSignal, with a function that ends its timer: work that is over needs no deadline. */
export function cancelableTimeout(ms: number): { signal: AbortSignal; cancel: () => void } {
  const controller = new AbortController();
  const end = (): void =>
    controller.abort(new DOMException("the operation timed out", "TimeoutError"));
  return { signal: controller.signal, cancel: startTimer(ms, end, { keepsProcess: false }) };
}

/** Whether this is the reason of a `timeoutSignal`, or what `withTimeout` throws without `onTimeout`. */
export function isTimeout(thrown: unknown): boolean {
  return thrown instanceof DOMException && thrown.name === "TimeoutError";
}

/**
 * Returns the outcome of `work`, or rejects with the signal's reason as soon as the signal is aborted. The
 * work is not stopped by that: its later outcome is ignored.
 */
export async function withAbort<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let onAbort: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason as Error);
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort, { once: true });
  });
  work.catch(() => undefined);
  try {
    return await Promise.race([work, aborted]);
  } finally {
    if (onAbort) signal.removeEventListener("abort", onAbort);
  }
}

export interface TimeoutInput<T> {
  /** Gets a signal that is aborted at the deadline, and when the caller's signal is aborted. */
  readonly work: (signal: AbortSignal) => Promise<T>;
  /** Milliseconds, a number of any size. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** The failure to throw at the deadline; a `TimeoutError` when left out. */
  readonly onTimeout?: () => Error;
}

/**
 * Returns the outcome of `work`. Throws the reason of `signal` as soon as that is aborted, and at the
 * deadline what `onTimeout` returns, also when the work ignores its own signal.
 */
export async function withTimeout<T>(input: TimeoutInput<T>): Promise<T> {
  const { work, timeoutMs, signal, onTimeout } = input;
  signal?.throwIfAborted();
  const controller = new AbortController();
  const late = new DOMException(`timed out after ${timeoutMs} ms`, "TimeoutError");
  const cancel = startTimer(timeoutMs, () => controller.abort(onTimeout?.() ?? late));
  const either = signal ? AbortSignal.any([signal, controller.signal]) : controller.signal;
  // Each request that the work has in flight may add a listener.
  setMaxListeners(0, either);
  try {
    return await withAbort(work(either), either);
  } catch (thrown) {
    // The work may answer the abort with an error of its own, for example an AbortError of its client.
    either.throwIfAborted();
    throw thrown;
  } finally {
    cancel();
  }
}
