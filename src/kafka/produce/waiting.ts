/** Joins work in the background with the one caller that waits for what it brings about. */
export interface Waiting {
  /** Looks again whether what is waited for holds. */
  readonly changed: () => void;
  /** Runs work whose failure comes out where the caller waits. */
  inBackground(work: Promise<void>): void;
  fail(error: unknown): void;
  /** Whether nothing more should be begun. */
  isOver(): boolean;
  /** Throws what was handed to `fail`, or the signal's reason. */
  until(isDone: () => boolean): Promise<void>;
  /** The value, or undefined when `isDone` holds before it is there. */
  forValue<T>(value: Promise<T>, isDone: () => boolean): Promise<T | undefined>;
  close(): void;
}

export function createWaiting(signal: AbortSignal | undefined): Waiting {
  let failure: { readonly error: unknown } | undefined;
  let wake: (() => void) | undefined;
  const changed = (): void => wake?.();
  const fail = (error: unknown): void => {
    failure ??= { error };
    changed();
  };
  signal?.addEventListener("abort", changed);

  async function until(isDone: () => boolean): Promise<void> {
    for (;;) {
      signal?.throwIfAborted();
      if (failure !== undefined) throw failure.error;
      if (isDone()) return;
      await new Promise<void>((resolve) => (wake = resolve));
    }
  }

  return {
    changed,
    fail,
    until,
    inBackground: (work) => void work.catch(fail),
    isOver: () => failure !== undefined || signal?.aborted === true,
    async forValue(value, isDone) {
      let settled = false;
      const settle = (): void => {
        settled = true;
        changed();
      };
      value.then(settle, settle);
      await until(() => settled || isDone());
      return settled ? value : undefined;
    },
    close: () => signal?.removeEventListener("abort", changed),
  };
}
