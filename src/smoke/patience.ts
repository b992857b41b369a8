import { retryUntil, type RetryInput } from "../async/retry-until.ts";
import { reasonOf } from "./reason.ts";
import { judge } from "./delivery.ts";
import type { Judgement } from "./model.ts";

/** Milliseconds between two attempts. */
const pauseMs = 100;
/**
 * A check that has not begun to write ends sooner than its time: there is nothing that could still arrive. Only
 * waiting counts: at a load of 40 on two cores dp needed 20 s to start all checks, and waited for 1 s of them.
 */
const mostAskMs = 10_000;

/** Milliseconds that a check of `timeoutMs` may wait for responses, so that the rest of it has time, too. */
export function askTime(timeoutMs: number): number {
  return Math.min(mostAskMs, timeoutMs / 2);
}

/** Milliseconds until a check of `timeoutMs` that began at `startedAt` has to have its result. */
export function timeLeft(timeoutMs: number, startedAt: number): number {
  const reserveMs = Math.min(1000, timeoutMs / 10);
  return Math.max(0, startedAt + timeoutMs - reserveMs - performance.now());
}

/** Repeats an attempt, see retryUntil, until this process has waited for `timeoutMs`. */
export function retryWhileWaiting<T>(
  input: Pick<RetryInput<T>, "attempt" | "isRetriable" | "timeoutMs" | "signal">,
): Promise<T> {
  return retryUntil({ ...input, counts: "waiting", pauseMs });
}

class Unpassed extends Error {
  readonly judgement: Judgement;

  constructor(judgement: Judgement) {
    super(judgement.evidence);
    this.judgement = judgement;
  }
}

/**
 * Repeats a judgement that fails, or can't be made, for `timeoutMs`, and returns the last one. Rejects
 * only with the signal's reason.
 */
export async function judgeUntil(input: {
  readonly attempt: (signal: AbortSignal) => Promise<Judgement>;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}): Promise<Judgement> {
  const { attempt, timeoutMs, signal } = input;
  try {
    return await retryWhileWaiting({
      attempt: async (either) => {
        const judgement = await attempt(either);
        if (judgement.verdict === "failed") throw new Unpassed(judgement);
        return judgement;
      },
      isRetriable: () => true,
      timeoutMs,
      signal,
    });
  } catch (thrown) {
    signal.throwIfAborted();
    return thrown instanceof Unpassed ? thrown.judgement : judge(false, reasonOf(thrown));
  }
}

export function formatSeconds(ms: number): string {
  return `${Math.round(ms / 100) / 10} s`;
}
