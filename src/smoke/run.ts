import type { Emit } from "../model/events.ts";
import { planCanaries, removeLeftovers } from "./canaries.ts";
import { reasonOf } from "./reason.ts";
import type {
  Canaries,
  Check,
  CheckContext,
  CheckResult,
  Judgement,
  SmokeCluster,
  Subjects,
} from "./model.ts";
import { withTimeout, withAbort } from "../async/with-timeout.ts";

const leastPartitions = 3;
const leftoversMs = 5000;
/** A canceled check continues for a moment, and could create again what is being removed. */
const settleMs = 10_000;

/**
 * Runs the checks at the same time and returns their verdicts in the order of `checks`. Topics and
 * groups of the run are removed at the end, whatever happened, and those that killed runs have left, at
 * the beginning. A check that can't be done, or not within `timeoutMs`, has failed. Rejects with the
 * signal's reason, after cleaning up, when that is aborted.
 */
export async function runSmoke(options: {
  readonly subjects: Subjects;
  readonly checks: readonly Check[];
  /** How many records the check of order writes. */
  readonly records: number;
  /** For each check. */
  readonly timeoutMs: number;
  readonly emit: Emit;
  readonly signal: AbortSignal;
}): Promise<CheckResult[]> {
  const { subjects, checks, records, timeoutMs, emit, signal } = options;
  const { kafka } = subjects;
  const traces = kafka && leaveTraces({ cluster: kafka, timeoutMs, emit, signal });
  const canaries = traces?.canaries;
  const runs: Promise<unknown>[] = [];
  try {
    const results = Promise.all(
      checks.map((check) =>
        runCheck(check, { subjects, records, timeoutMs, signal, canaries, emit, runs }),
      ),
    );
    return await withAbort(results, signal);
  } finally {
    await withTimeout({ work: () => Promise.allSettled(runs), timeoutMs: settleMs }).catch(
      () => undefined,
    );
    await traces?.remove();
  }
}

/** What the run makes in Kafka; those of killed runs are removed meanwhile. */
function leaveTraces(options: {
  readonly cluster: SmokeCluster;
  readonly timeoutMs: number;
  readonly emit: Emit;
  readonly signal: AbortSignal;
}): { readonly canaries: Canaries; remove(): Promise<void> } {
  const { cluster, timeoutMs, emit, signal } = options;
  const alive = cluster.brokers.filter(({ published }) => published !== undefined).length;
  const canaries = planCanaries({
    cluster,
    partitions: Math.max(leastPartitions, alive),
    replication: Math.max(1, Math.min(3, alive)),
    runMs: timeoutMs,
    signal,
  });
  const leftovers = withTimeout({
    work: () => removeLeftovers(cluster),
    timeoutMs: leftoversMs,
  }).catch(() => []);
  const note = (text: string): void => emit({ type: "note", level: "info", text });
  return {
    canaries,
    remove: async () => {
      const [left, old] = await Promise.all([canaries.remove(), leftovers]);
      if (old.length > 0) note(`removed what a killed run had left: ${old.join(", ")}`);
      if (left.length > 0) note(`could not remove ${left.join(", ")}; a later dp smoke will`);
    },
  };
}

async function runCheck(
  check: Check,
  context: CheckContext & { readonly emit: Emit; readonly runs: Promise<unknown>[] },
): Promise<CheckResult> {
  const { name } = check;
  const { subjects, emit, timeoutMs } = context;
  const reason = check.lacks(subjects);
  if (reason !== undefined) {
    emit({ type: "note", level: "info", text: `${name} is not applicable: ${reason}` });
    return { name, verdict: "not-applicable", evidence: reason, durationMs: 0 };
  }
  const started = performance.now();
  const step = { type: "step", id: `prove:${name}`, target: name, action: "prove" } as const;
  emit({ ...step, state: "start" });
  let judgement: Judgement;
  try {
    judgement = await withTimeout({
      work: (signal) => {
        const run = check.run({ ...context, signal });
        context.runs.push(run);
        return run;
      },
      timeoutMs,
      signal: context.signal,
      onTimeout: () => new Error(`no verdict within ${timeoutMs} ms`),
    });
  } catch (error) {
    if (context.signal.aborted) throw error;
    judgement = { verdict: "failed", evidence: reasonOf(error) };
  }
  const durationMs = Math.round(performance.now() - started);
  const state = judgement.verdict === "failed" ? "failed" : "done";
  emit({ ...step, state, cause: judgement.evidence, durationMs });
  return { name, ...judgement, durationMs };
}

/** Nothing failed, and something passed: what is not applicable proves nothing. */
export function isOk(checks: readonly CheckResult[]): boolean {
  return (
    checks.some(({ verdict }) => verdict === "passed") &&
    checks.every(({ verdict }) => verdict !== "failed")
  );
}
