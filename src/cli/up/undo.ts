import { dirname } from "node:path";
import type { EngineClient } from "../../docker/connect.ts";
import { saveFailure } from "../../docker/failures.ts";
import { rollback, type Journal } from "../../docker/rollback.ts";
import { DpError, messageOf } from "../../errors.ts";
import type { Report } from "../../report/choose.ts";
import type { SettledStack } from "../../stack/model.ts";
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
  const isPlannedAnew = thrown instanceof DpError && thrown.code === "changed-meanwhile";
  if (!interrupted && !isPlannedAnew) {
    const saving = {
      client,
      folder: dirname(stack.file),
      containers: new Map(touched),
      now: new Date(),
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
    const left = await rollback({ client, journal, emit: report.emit, beforeRestart });
    for (const line of left) report.emit({ type: "note", level: "warning", text: line });
    const text = journal.settled
      ? "the stack is ready and stays; dp up tidies up what is left"
      : journal.done.length === 0
        ? "nothing had been changed"
        : left.length === 0
          ? "what this run made is removed again; what was there before is as it was"
          : "not all of it could be undone: see dp status";
    report.emit({ type: "note", level: "info", text });
  }
  return thrown;
}
