import { DpError } from "../../errors.ts";
import { runChecks, type HealthCheck, type HealthVerdict } from "../../health/checks.ts";
import type { FoundStack } from "../stack/running.ts";
import { answerChecks } from "./health-checks.ts";
import { partitionChecks, registrationChecks } from "./cluster-checks.ts";
import { dagChecks, type ReadFile } from "./dag-checks.ts";
import { dataPathChecks } from "./data-path.ts";

/** Milliseconds for all attempts of a check: on a busy machine a healthy broker may need several seconds. */
export const checkTimeoutMs = 10_000;

/** What `dp health --json` prints. */
export interface HealthDocument {
  readonly project: string;
  readonly healthy: boolean;
  readonly checks: readonly HealthVerdict[];
}

/**
 * Every check of a stack, and those given beside. Throws DpError `not-running` when nothing of it is
 * there to check.
 */
export async function readHealth(
  stack: FoundStack,
  {
    signal,
    beside,
    readFile,
  }: {
    readonly signal: AbortSignal;
    readonly beside: readonly HealthCheck[];
    readonly readFile: ReadFile;
  },
): Promise<HealthDocument> {
  const { name } = stack;
  const checks = [...quickChecks(stack, readFile), ...dataPathChecks(stack), ...beside];
  if (checks.length === 0) {
    throw new DpError({
      code: "not-running",
      message: `nothing of ${name} is on the engine`,
      next: "dp up",
    });
  }
  const verdicts = await runChecks(checks, {
    signal,
    timeoutMs: checkTimeoutMs,
    attempts: "until-timeout",
  });
  return { project: name, healthy: verdicts.every(({ healthy }) => healthy), checks: verdicts };
}

/** All checks but the one that writes records. */
export function quickChecks(stack: FoundStack, readFile: ReadFile): HealthCheck[] {
  const { observed } = stack;
  return [
    ...answerChecks(stack),
    ...dagChecks(stack, readFile),
    ...registrationChecks(observed),
    ...partitionChecks(observed),
  ];
}
