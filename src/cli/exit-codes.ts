import { DpError, type ErrorCode } from "../errors.ts";

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

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

const usageErrors: ReadonlySet<ErrorCode> = new Set(["usage", "invalid-file", "no-file"]);

/** The exit code for something that was thrown; `interruptedBy` is the signal that came before. */
export function exitCodeFor(thrown: unknown, interruptedBy: NodeJS.Signals | undefined): ExitCode {
  if (interruptedBy !== undefined) return exitCodeForSignal(interruptedBy);
  if (thrown instanceof DpError && usageErrors.has(thrown.code)) return exitCodes.usage;
  if (thrown instanceof DpError && thrown.code === "pipeline-failed") return exitCodes.answeredNo;
  return exitCodes.failed;
}

export function exitCodeForSignal(signal: NodeJS.Signals): ExitCode {
  return signal === "SIGTERM" ? exitCodes.terminated : exitCodes.interrupted;
}
