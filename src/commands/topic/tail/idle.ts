import { startTimer } from "../../../async/timers.ts";

/** Ends a reading that gets nothing for a while. */
export interface IdleWatch {
  /** Aborted once it was waited for too long. */
  readonly signal: AbortSignal;
  /** The wait for records begins. */
  arm(): void;
  /** Something came, or the end. */
  disarm(): void;
  /** Brokers are being looked for: as long as that may take does not count. */
  excuse(): void;
}

/** As long as a reader looks for a leader that is gone. */
const excusedMs = 30_000;

/** Without `idleMs` it never ends anything. */
export function createIdleWatch(idleMs: number | undefined): IdleWatch {
  const controller = new AbortController();
  let cancel: (() => void) | undefined;
  const set = (ms: number): void => {
    cancel?.();
    cancel = startTimer(ms, () => controller.abort());
  };
  return {
    signal: controller.signal,
    arm() {
      if (idleMs !== undefined) set(idleMs);
    },
    disarm() {
      cancel?.();
      cancel = undefined;
    },
    excuse() {
      if (idleMs !== undefined && cancel !== undefined) set(idleMs + excusedMs);
    },
  };
}
