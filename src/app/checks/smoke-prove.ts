import type { Emit } from "../../model/events.ts";
import type { Check, SmokeDocument } from "../../smoke/model.ts";
import { isOk, runSmoke } from "../../smoke/run.ts";
import type { FoundStack } from "../stack/running.ts";
import { openSubjects } from "./smoke-subjects.ts";

/** Runs proofs on a stack. Throws DpError `not-running` when there is nothing to be proved. */
export async function prove(input: {
  readonly stack: FoundStack;
  readonly checks: readonly Check[];
  readonly records: number;
  /** How long a check may take. */
  readonly timeoutMs: number;
  readonly emit: Emit;
  readonly signal: AbortSignal;
}): Promise<SmokeDocument> {
  const { stack, ...run } = input;
  const opened = openSubjects(stack);
  try {
    const results = await runSmoke({ ...run, subjects: opened.subjects });
    return { project: stack.name, ok: isOk(results), checks: results };
  } finally {
    opened.close();
  }
}
