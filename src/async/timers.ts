/**
 * The longest wait that one of Node's timers keeps, in milliseconds: it stores the delay in a signed 32-bit
 * integer, and a longer delay fires after 1 ms (https://nodejs.org/api/timers.html#settimeoutcallback-delay-args).
 */
const longestTimerMs = 2 ** 31 - 1;

export interface TimerOptions {
  /** Whether the timer alone keeps the process running (default: true). */
  readonly keepsProcess?: boolean;
}

/**
 * Calls `onEnd` after `ms` milliseconds, a number of any size; `Infinity` never ends. Returns the function
 * that cancels it.
 */
export function startTimer(
  ms: number,
  onEnd: () => void,
  { keepsProcess = true }: TimerOptions = {},
): () => void {
  let timer: NodeJS.Timeout;
  const run = (leftMs: number): void => {
    const partMs = Math.min(leftMs, longestTimerMs);
    timer = setTimeout(() => (leftMs > partMs ? run(leftMs - partMs) : onEnd()), partMs);
    if (!keepsProcess) timer.unref();
  };
  run(ms);
  return () => clearTimeout(timer);
}

/**
 * Resolves after `ms` milliseconds, a number of any size. Rejects with the signal's reason as soon as the
 * signal is aborted.
 */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason as Error);
      return;
    }
    const onAbort = (): void => {
      cancel();
      reject(signal?.reason as Error);
    };
    const cancel = startTimer(ms, () => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    });
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}
