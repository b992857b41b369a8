import type { SmokeDocument } from "../../smoke/model.ts";
import { exitCodes, type ExitCode } from "../exit-codes.ts";

/** The defaults of a smoke run; a busy machine takes long to start the tools in Java. */
export const smokeDefaults = { records: 1000, timeoutMs: 60_000 } as const;

/** Where nothing was applicable nothing was found out. */
export function smokeExitCode({ ok, checks }: SmokeDocument): ExitCode {
  if (ok) return exitCodes.done;
  const failed = checks.some(({ verdict }) => verdict === "failed");
  return failed ? exitCodes.answeredNo : exitCodes.failed;
}
