import { performance } from "node:perf_hooks";
import { startTimer } from "./timers.ts";

/** The most that busy time can stretch a limit: something that keeps the process busy may never end. */
const longestStretch = 4;

/**
 * Calls `onSilence` when another program has not responded for `ms` milliseconds, a number of any size. Returns the
 * function that cancels it. Only the time that this process spent waiting counts: on a busy machine a process that
 * gets little CPU time reads a response seconds after it has arrived, and Node runs timers before it reads. Time in
 * which the event loop was active does not count
 * (https://nodejs.org/api/perf_hooks.html#performanceeventlooputilizationutilization1-utilization2), up to four
 * times `ms` in all.
 */
export function startSilenceTimer(ms: number, onSilence: () => void): () => void {
  const before = performance.eventLoopUtilization();
  const lastMs = performance.now() + ms * longestStretch;
  let cancel: () => void;
  const look = (): void => {
    const waitedMs = performance.eventLoopUtilization(before).idle;
    const leftMs = Math.min(ms - waitedMs, lastMs - performance.now());
    if (leftMs < 1) onSilence();
    else cancel = startTimer(leftMs, look);
  };
  cancel = startTimer(ms, look);
  return () => cancel();
}

/** A signal that is aborted by startSilenceTimer, with a `TimeoutError` as its reason. Its timer ends with `cancel`. */
export function silenceSignal(ms: number): { signal: AbortSignal; cancel: () => void } {
  const controller = new AbortController();
  const cancel = startSilenceTimer(ms, () =>
    controller.abort(new DOMException(`no response within ${ms / 1000} s`, "TimeoutError")),
  );
  return { signal: controller.signal, cancel };
}
