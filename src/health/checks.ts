import { timeoutSignal } from "../async/with-timeout.ts";
import { DpError, messageOf } from "../errors.ts";

/** One thing that must hold of one service. */
export interface HealthCheck {
  readonly service: string;
  readonly name: string;
  /** Returns the evidence, or notApplicable; throws when it does not hold, a DpError with lines that prove it. */
  readonly run: (signal: AbortSignal) => Promise<string | typeof notApplicable>;
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
  /** Milliseconds for each check. */
  readonly timeoutMs: number;
}

/** Runs all checks at once; verdicts come in the order of the checks. A check that hangs fails. */
export async function runChecks(
  checks: readonly HealthCheck[],
  { signal, timeoutMs }: CheckLimits,
): Promise<HealthVerdict[]> {
  const verdicts = await Promise.all(
    checks.map(async ({ service, name, run }): Promise<HealthVerdict[]> => {
      const startedAt = performance.now();
      const limit = timeoutSignal(timeoutMs);
      const verdict = await judge(run, AbortSignal.any([signal, limit]));
      signal.throwIfAborted();
      if (verdict === notApplicable) return [];
      const { healthy, evidence } = verdict;
      const detail =
        limit.aborted && !healthy ? `no answer within ${timeoutMs} ms` : verdict.detail;
      const durationMs = Math.round(performance.now() - startedAt);
      return [{ service, check: name, healthy, detail, evidence, durationMs }];
    }),
  );
  return verdicts.flat();
}

async function judge(
  run: HealthCheck["run"],
  signal: AbortSignal,
): Promise<Pick<HealthVerdict, "healthy" | "detail" | "evidence"> | typeof notApplicable> {
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
  });
  try {
    const detail = await Promise.race([run(signal), aborted]);
    if (detail === notApplicable) return notApplicable;
    return { healthy: true, detail, evidence: [] };
  } catch (thrown) {
    const evidence = thrown instanceof DpError ? thrown.evidence : [];
    return { healthy: false, detail: messageOf(thrown), evidence };
  }
}
