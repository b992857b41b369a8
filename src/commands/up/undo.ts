import { dirname } from "node:path";
import type { EngineClient } from "../../docker/engine/connect.ts";
import { saveFailure } from "../../docker/stack/failures.ts";
import { rollback, type Journal, type RollbackResult } from "../../docker/stack/rollback.ts";
import { DpError, messageOf, type ErrorCode } from "../../errors.ts";
import type { Report } from "../../report/choose.ts";
import type { SettledStack } from "../../model/settled.ts";
import type { Plan } from "../../stack/plan-model.ts";
import { containerName } from "../../stack/names.ts";

export interface UndoInput {
  readonly client: EngineClient;
  readonly journal: Journal;
  readonly plan: Plan;
  readonly stack: SettledStack;
  readonly report: Report;
  /** `--keep` leaves everything as it is, to be looked at. */
  readonly keep: boolean;
  readonly thrown: unknown;
  readonly interrupted: boolean;
  /** Called before a container that was stopped starts again; it must not reject. */
  readonly beforeRestart: (service: string) => Promise<void>;
}

/**
 * After a failed or interrupted run: saves what the failed containers said, undoes exactly what the
 * run did, and returns the failure to throw, with what became of the stack.
 */
export async function undoRun(input: UndoInput): Promise<unknown> {
  const { client, journal, plan, stack, report, keep, thrown, interrupted, beforeRestart } = input;
  const touched = plan.ops.flatMap(({ kind, target }): [string, string][] =>
    kind === "start-container" ? [[target, containerName(plan.project, target)]] : [],
  );
  if (!interrupted && !isToldWithoutLogs(thrown)) {
    const saving = {
      client,
      folder: dirname(stack.file),
      containers: new Map(touched),
      now: new Date(),
      redact: report.redact,
    };
    const folder = await saveFailure(saving).catch((error: unknown) => {
      report.emit({
        type: "note",
        level: "warning",
        text: `logs were not saved: ${messageOf(error)}`,
      });
      return undefined;
    });
    if (folder) report.emit({ type: "note", level: "info", text: `logs are in ${folder}` });
  }
  if (keep) {
    report.emit({
      type: "note",
      level: "info",
      text: "everything is kept as it is (--keep); dp down removes it",
    });
  } else {
    const { left, lost } = await rollback({ client, journal, emit: report.emit, beforeRestart });
    for (const line of left) report.emit({ type: "note", level: "warning", text: line });
    const text = describeOutcome({ journal, left, lost, project: plan.project });
    report.emit({ type: "note", level: "info", text });
  }
  return thrown;
}

/** No container's log says more about it. */
function isToldWithoutLogs(thrown: unknown): boolean {
  const codes: readonly ErrorCode[] = ["changed-meanwhile", "port-taken", "no-engine"];
  return thrown instanceof DpError && codes.includes(thrown.code);
}

function describeOutcome(
  outcome: RollbackResult & { readonly journal: Journal; readonly project: string },
): string {
  const { journal, left, lost, project } = outcome;
  if (journal.settled) return "the stack is ready and stays; dp up tidies up what is left";
  const kept = describeKept(journal.kept);
  if (journal.done.length === 0) return kept ?? "nothing had been changed";
  if (left.length === 0) {
    const rest = "what this run made is removed again; what was there before is as it was";
    return kept === undefined ? rest : `${kept}; of the others, ${rest}`;
  }
  if (!lost) return "not all of it could be undone: see dp status";
  return `that is left until the engine is back: then dp up goes on from there, and dp down -v --project ${project} removes it`;
}

/** What was replaced and proven before the failure; undefined when nothing was. */
function describeKept(kept: readonly string[]): string | undefined {
  if (kept.length === 0) return undefined;
  return `${kept.join(", ")} had been changed and proven, and ${kept.length === 1 ? "stays" : "stay"} so`;
}
