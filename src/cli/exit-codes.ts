import { DpError, type ErrorCode } from "../errors.ts";
import type { SmokeOutcome } from "../smoke/outcome.ts";

/** The closed list of exit codes; scripts and CI jobs rely on it. */
export const exitCodes = {
  done: 0,
  failed: 1,
  usage: 2,
  changesPending: 3,
  answeredNo: 10,
  interrupted: 130,
  terminated: 143,
} as const;

/** The exit code of a program that dp runs for the user, passed on as it is. */
type PassedExitCode = number & { readonly passedOn: true };

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes] | PassedExitCode;

/** The exit code of `dp exec` and `dp env -- CMD`. */
export function passOn(code: number): ExitCode {
  return code as PassedExitCode;
}

/** The exit codes of smoke checks. */
export const smokeExitCodes = {
  passed: exitCodes.done,
  failed: exitCodes.answeredNo,
  "nothing-checked": exitCodes.failed,
} as const satisfies Readonly<Record<SmokeOutcome, ExitCode>>;

/** What shells say of a command that is not there. */
const noCommandCode = 127;

/** Names that dp or pipeline.yaml defines are part of the usage; topics and groups are the cluster's. */
const usageErrors: ReadonlySet<ErrorCode> = new Set([
  "usage",
  "invalid-file",
  "no-file",
  "unknown-pipeline",
]);

/** The exit code for something that was thrown; `interruptedBy` is the signal that came before. */
export function exitCodeFor(thrown: unknown, interruptedBy: NodeJS.Signals | undefined): ExitCode {
  if (interruptedBy !== undefined) return exitCodeForSignal(interruptedBy);
  if (thrown instanceof DpError && usageErrors.has(thrown.code)) return exitCodes.usage;
  // Ctrl-C at a question: while it is asked, the terminal sends no signal.
  if (thrown instanceof DpError && thrown.code === "interrupted") return exitCodes.interrupted;
  if (thrown instanceof DpError && thrown.code === "pipeline-failed") return exitCodes.answeredNo;
  if (thrown instanceof DpError && thrown.code === "no-command") return passOn(noCommandCode);
  return exitCodes.failed;
}

export function exitCodeForSignal(signal: NodeJS.Signals): ExitCode {
  return signal === "SIGINT" ? exitCodes.interrupted : exitCodes.terminated;
}
