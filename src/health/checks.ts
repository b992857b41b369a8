import { messageOf } from "../errors.ts";

/** One thing that must hold of one service. */
export interface HealthCheck {
  readonly service: string;
  readonly name: string;
  /** Returns the evidence; throws when it does not hold. */
  readonly run: (signal: AbortSignal) => Promise<string>;
}

export interface HealthVerdict {
  readonly service: string;
  readonly check: string;
  readonly healthy: boolean;
  /** The evidence, or why it does not hold. */
  readonly detail: string;
  readonly durationMs: number;
}

export interface CheckLimits {
  readonly signal: AbortSignal;
  /** Milliseconds for each check. */
  readonly timeoutMs: number;
}

/** Runs all checks at once; verdicts come in the order of the checks. A check that hangs fails. */
export function runChecks(
  checks: readonly HealthCheck[],
  { signal, timeoutMs }: CheckLimits,
): Promise<HealthVerdict[]> {
  return Promise.all(
    checks.map(async ({ service, name, run }) => {
      const startedAt = performance.now();
      const limit = AbortSignal.timeout(timeoutMs);
      const verdict = await judge(run, AbortSignal.any([signal, limit]));
      signal.throwIfAborted();
      const detail =
        limit.aborted && !verdict.healthy ? `no answer within ${timeoutMs} ms` : verdict.detail;
      const durationMs = Math.round(performance.now() - startedAt);
      return { service, check: name, healthy: verdict.healthy, detail, durationMs };
    }),
  );
}

async function judge(
  run: HealthCheck["run"],
  signal: AbortSignal,
): Promise<{ healthy: boolean; detail: string }> {
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
  });
  try {
    return { healthy: true, detail: await Promise.race([run(signal), aborted]) };
  } catch (thrown) {
    return { healthy: false, detail: messageOf(thrown) };
  }
}
