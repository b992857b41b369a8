import { retryUntil } from "./retry-until.ts";
import { isTimeout } from "./with-timeout.ts";
import { DpError } from "../errors.ts";
import type { ProbeResult } from "../model/containers.ts";

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

/** The result of a probe that was not satisfied. */
class Missing extends Error {}

/**
 * Asks a probe until it is satisfied. Throws what the probe throws, the signal's reason when it aborts,
 * and DpError `not-ready` at the deadline, with what was missing last.
 */
export async function waitUntilReady(input: WaitInput): Promise<void> {
  const { target, probe, timeoutMs, leftMs = timeoutMs, signal, onProgress } = input;
  let missing = "";
  let isOver = false;
  await retryUntil({
    attempt: async (either) => {
      const result = await probe(either);
      if (!result.ready) throw new Missing(result.waitingFor);
    },
    isRetriable: (thrown) => thrown instanceof Missing,
    timeoutMs: leftMs,
    pauseMs,
    signal,
    onRetry: (thrown) => {
      const { message } = thrown as Missing;
      if (message === missing) return;
      missing = message;
      onProgress?.(missing);
    },
  }).catch((thrown: unknown) => {
    signal.throwIfAborted();
    isOver = thrown instanceof Missing || isTimeout(thrown);
    if (!isOver) throw thrown;
  });
  if (!isOver) return;
  throw new DpError({
    code: "not-ready",
    message: `${target} is not ready after ${timeoutMs / 1000} s`,
    why: missing === "" ? `${target} did not respond` : missing,
    next: `it may only need more time: dp up --timeout ${moreTime(timeoutMs)}s; with --keep it stays, to be looked at`,
  });
}

/** Seconds that are worth a try after `timeoutMs` were too few. */
function moreTime(timeoutMs: number): number {
  return Math.max(300, Math.ceil((2 * timeoutMs) / 1000));
}
