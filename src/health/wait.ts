import { setMaxListeners } from "node:events";
import { sleep } from "../async/timers.ts";
import { timeoutSignal } from "../async/with-timeout.ts";
import { DpError } from "../errors.ts";
import type { ProbeResult } from "../stack/model.ts";

export interface WaitInput {
  /** What is waited for, as the message names it. */
  readonly target: string;
  readonly probe: (signal: AbortSignal) => Promise<ProbeResult>;
  /** Milliseconds. */
  readonly timeoutMs: number;
  /** What other waits have left of them; all when left out. */
  readonly leftMs?: number;
  /** Ends the wait: Ctrl-C, or a container that exited (with the failure as its reason). */
  readonly signal: AbortSignal;
  /** Told whenever what is missing changes. */
  readonly onProgress?: (waitingFor: string) => void;
}

/** Quick enough that nobody waits for dp, slow enough that the probes cost a booting JVM nothing. */
const pauseMs = 25;

/**
 * Asks a probe until it is satisfied. Throws the signal's reason when it aborts, and DpError
 * `not-ready` at the deadline, with what was missing last.
 */
export async function waitUntilReady(input: WaitInput): Promise<void> {
  const { target, probe, timeoutMs, leftMs = timeoutMs, signal, onProgress } = input;
  const deadline = timeoutSignal(leftMs);
  const either = AbortSignal.any([signal, deadline]);
  // Every round of a long wait may add a listener.
  setMaxListeners(0, either);
  const ended = endOf(either);
  let missing = "";
  while (!deadline.aborted) {
    signal.throwIfAborted();
    // A probe may hang on a connection that its abort does not end.
    const result = await Promise.race([probe(either), ended]).catch(
      (thrown: unknown): ProbeResult => {
        if (either.aborted) return { ready: false, waitingFor: missing };
        throw thrown;
      },
    );
    if (result.ready) return;
    if (result.waitingFor !== missing) {
      missing = result.waitingFor;
      onProgress?.(missing);
    }
    await sleep(pauseMs, either).catch(() => {});
  }
  signal.throwIfAborted();
  throw new DpError({
    code: "not-ready",
    message: `${target} is not ready after ${timeoutMs / 1000} s`,
    why: missing,
    next: `it may only need more time: dp up --timeout ${moreTime(timeoutMs)}s; with --keep it stays, to be looked at`,
  });
}

/** Seconds that are worth a try after `timeoutMs` were too few. */
function moreTime(timeoutMs: number): number {
  return Math.max(300, Math.ceil((2 * timeoutMs) / 1000));
}

/** Rejects when the signal aborts. */
function endOf(signal: AbortSignal): Promise<never> {
  const ended = new Promise<never>((_, reject) => {
    const end = (): void => reject(signal.reason as Error);
    if (signal.aborted) end();
    else signal.addEventListener("abort", end, { once: true });
  });
  ended.catch(() => {});
  return ended;
}
