/** Resolves after `ms`; rejects with the signal's reason when that is aborted before. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const onAbort = (): void => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", onAbort);
      resolve();
    }, ms);
    signal.addEventListener("abort", onAbort, { once: true });
  });
}

/** The outcome of `work`, or the signal's reason as soon as it is aborted; `work` goes on unheard. */
export async function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let onAbort: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason as Error);
    signal.addEventListener("abort", onAbort, { once: true });
    if (signal.aborted) onAbort();
  });
  work.catch(() => undefined);
  try {
    return await Promise.race([work, aborted]);
  } finally {
    if (onAbort) signal.removeEventListener("abort", onAbort);
  }
}

/** The outcome of `work`; rejects with `message` when it is not there after `ms`. */
export async function within<T>(work: Promise<T>, ms: number, message: string): Promise<T> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(new Error(message)), ms);
  try {
    return await orAborted(work, late.signal);
  } finally {
    clearTimeout(timer);
  }
}
