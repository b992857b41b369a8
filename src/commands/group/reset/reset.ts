import { DpError } from "../../../errors.ts";
import type { Cluster } from "../../../kafka/cluster/cluster.ts";
import { describeGroups, isActive, refuseActive } from "../../../kafka/groups/describe.ts";
import { findGroupsOrFail, listGroups } from "../../../kafka/groups/list.ts";
import { applyReset, planReset, type ResetTo } from "../../../kafka/groups/reset.ts";
import { parseStart, timesText } from "../../../kafka/read/offsets.ts";
import type { Report } from "../../../report/choose.ts";
import { nearest } from "../../../stack/nearest.ts";
import { confirm } from "../../../cli/confirm.ts";
import type { Host } from "../../../app/request.ts";
import { exitCodes, type ExitCode } from "../../../cli/exit-codes.ts";
import { renderReset, resetDocument, resetSummary } from "./reset-plan.ts";

export interface ResetRequest {
  readonly group: string;
  /** Empty: those that the group has committed anything of. */
  readonly topics: readonly string[];
  readonly partitions: readonly number[] | undefined;
  readonly to: ResetTo;
  /** `ask`: on the terminal, after the preview. */
  readonly consent: "given" | "ask" | "preview-only";
  /** The command line that needs no answer. */
  readonly command: string;
}

/** A question stands behind a bar, and must fit on a screen. */
const questionIndent = 3;
const questionRows = 15;

/** Shows what a reset would do, and does it when it may. */
export async function resetGroup(
  request: ResetRequest,
  on: {
    readonly host: Host;
    readonly cluster: Cluster;
    readonly report: Report;
    readonly signal: AbortSignal;
    readonly json: boolean;
  },
): Promise<ExitCode> {
  const { group, consent, command } = request;
  const { host, cluster, report, signal } = on;
  const created = await refuseUnlessIdle(cluster, { request, report });
  const planned = await planReset(cluster, { ...request, signal });
  const preview = resetDocument({ group, created, applied: false, planned });
  const summary = resetSummary(preview);
  const show = (applied: boolean): void =>
    report.result({ ...preview, applied }, (view) => renderReset(preview, view));
  if (consent === "preview-only") {
    show(false);
    return exitCodes.done;
  }
  if (consent === "ask") {
    const { style, columns } = report;
    const width = columns === undefined ? undefined : columns - questionIndent;
    const table = renderReset(preview, { style, columns: width }, questionRows).trimEnd();
    const message = `Set the offsets of ${summary}?\n${table}`;
    const what = `resetting ${group}`;
    const answer = await confirm(host, { message, what, command }).catch((thrown: unknown) => {
      show(false);
      throw thrown;
    });
    if (answer === "cancelled") return exitCodes.interrupted;
    if (answer === "no") {
      report.emit({ type: "note", level: "info", text: "nothing was changed" });
      return exitCodes.failed;
    }
  }
  await applyReset(cluster, { group, planned, signal });
  if (consent === "given" || on.json) show(true);
  report.emit({ type: "note", level: "info", text: `reset ${summary}` });
  return exitCodes.done;
}

/** Whether the reset makes the group. Throws DpError `refused` when it has members. */
async function refuseUnlessIdle(
  cluster: Cluster,
  { request, report }: { readonly request: ResetRequest; readonly report: Report },
): Promise<boolean> {
  const { group, topics } = request;
  const all = await listGroups(cluster);
  const isNew = !all.some(({ name }) => name === group);
  if (isNew && topics.length > 0) {
    const near = nearest(
      group,
      all.map(({ name }) => name),
    );
    const hint = near === undefined ? "" : ` (did you mean "${near}"?)`;
    const text = `there is no group "${group}"${hint}: the reset makes it`;
    report.emit({ type: "note", level: "warning", text });
    return true;
  }
  for (const details of await describeGroups(cluster, findGroupsOrFail(all, [group]))) {
    if (details.type === "share") throw noOffsets(group);
    if (isActive(details)) throw refuseActive(details, "its offsets can't be set");
  }
  return false;
}

function noOffsets(group: string): DpError {
  return new DpError({
    code: "refused",
    message: `group ${group} is a share group: it has no offsets to set`,
    why: "the brokers keep for each record whether it was read",
    next: "kafka-share-groups.sh --reset-offsets",
  });
}

/** What `-o` or `--shift` says; a moment is told in local time and UTC. Throws DpError `usage`. */
export function readResetTo(
  given: { readonly offset?: string; readonly shift?: number },
  report: Report,
): ResetTo {
  const { offset, shift } = given;
  if ((offset === undefined) === (shift === undefined)) {
    throw new DpError({
      code: "usage",
      message:
        offset === undefined ? "where to is missing" : "-o and --shift can't be used together",
      why: "-o is a place in the log (start, end, N, +N, -N, @TIME), --shift a distance from where the group stands",
      next: "dp group reset GROUP -o start, or --shift -10",
    });
  }
  if (offset === undefined) return { kind: "shift", by: shift ?? 0 };
  const start = parseStart(offset, Date.now());
  const text = timesText({ start, end: undefined });
  if (text !== "") report.emit({ type: "note", level: "info", text });
  return start;
}
