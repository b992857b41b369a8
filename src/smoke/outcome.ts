import type { SmokeDocument } from "./model.ts";

/** The defaults of a smoke run; a busy machine takes long to start the tools in Java. */
export const smokeDefaults = { records: 1000, timeoutMs: 120_000 } as const;

/** `nothing-checked`: no check applied, so that nothing was found out. */
export type SmokeOutcome = "passed" | "failed" | "nothing-checked";

export function smokeOutcome({ ok, checks }: SmokeDocument): SmokeOutcome {
  if (ok) return "passed";
  const failed = checks.some(({ verdict }) => verdict === "failed");
  return failed ? "failed" : "nothing-checked";
}
