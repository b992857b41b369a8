import { retryUntil } from "../async/retry-until.ts";
import { isTimeout } from "../async/with-timeout.ts";
import { DpError, messageOf } from "../errors.ts";

/** One thing that must hold of one service. */
export interface HealthCheck {
  readonly service: string;
  readonly name: string;
  /** Returns the evidence, or notApplicable; throws when it does not hold, a DpError with lines that prove it. */
  readonly run: (signal: AbortSignal) => Promise<string | typeof notApplicable>;
  /** Whether a later attempt may succeed after this failure; when left out, every failure is final. */
  readonly mayPass?: (thrown: unknown) => boolean;
  /** Milliseconds for all attempts, for a check that needs another time than the others. */
  readonly timeoutMs?: number;
}

/** Returned by a check that turns out to have nothing to judge: it gets no verdict. */
export const notApplicable = Symbol("not applicable");

export interface HealthVerdict {
  readonly service: string;
  readonly check: string;
  readonly healthy: boolean;
  /** The evidence, or why it does not hold. */
  readonly detail: string;
  /** Lines that prove why, e.g. the last ones of a log; none when it is healthy. */
  readonly evidence: readonly string[];
  readonly durationMs: number;
}

export interface CheckLimits {
  readonly signal: AbortSignal;
  /** Milliseconds for each check that has no time of its own. */
  readonly timeoutMs: number;
  /** `one` is for a caller that runs the checks again by itself. */
  readonly attempts: "one" | "until-timeout";
}

/** Milliseconds between two attempts of a check. */
const pauseMs = 100;

/**
 * Runs all checks at once; verdicts come in the order of the checks. A check whose failure may pass is
 * repeated for the whole of its time, and a check that hangs fails at the end of its time. Rejects only
 * with the signal's reason.
 */
export async function runChecks(
  checks: readonly HealthCheck[],
  limits: CheckLimits,
): Promise<HealthVerdict[]> {
  const verdicts = await Promise.all(
    checks.map(async (check): Promise<HealthVerdict[]> => {
      const startedAt = performance.now();
      const outcome = await runCheck(check, limits);
      if (outcome === notApplicable) return [];
      const durationMs = Math.round(performance.now() - startedAt);
      return [{ service: check.service, check: check.name, ...outcome, durationMs }];
    }),
  );
  return verdicts.flat();
}

type Outcome = Pick<HealthVerdict, "healthy" | "detail" | "evidence">;

async function runCheck(
  { run, mayPass = () => false, timeoutMs: ownMs }: HealthCheck,
  { signal, attempts, ...limits }: CheckLimits,
): Promise<Outcome | typeof notApplicable> {
  const timeoutMs = ownMs ?? limits.timeoutMs;
  const isRetriable = attempts === "one" ? () => false : mayPass;
  try {
    const detail = await retryUntil({
      attempt: run,
      isRetriable,
      timeoutMs,
      counts: "waiting",
      pauseMs,
      signal,
    });
    if (detail === notApplicable) return notApplicable;
    return { healthy: true, detail, evidence: [] };
  } catch (thrown) {
    signal.throwIfAborted();
    const evidence = thrown instanceof DpError ? thrown.evidence : [];
    const detail = isTimeout(thrown)
      ? `did not respond within ${timeoutMs / 1000} s`
      : messageOf(thrown);
    return { healthy: false, detail, evidence };
  }
}
