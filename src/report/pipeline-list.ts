import type { RunState } from "../pipeline/result.ts";
import type { View } from "./choose.ts";
import { formatAge, formatDuration } from "./format.ts";
import { paintState } from "./pipeline-run.ts";
import type { Style } from "./style.ts";
import { renderTable } from "./table.ts";

/** A run of a pipeline; times are RFC 3339. */
export interface RunLine {
  readonly run: string;
  readonly state: RunState;
  /** `manual`, `scheduled`, … */
  readonly type: string;
  /** When it was triggered, or its fire time. */
  readonly runAfter: string;
  /** Null for a run that is still queued. */
  readonly startedAt: string | null;
  readonly durationMs: number | null;
}

/** Why Airflow can't load a file of DAGs, and the place of the error. */
export interface BrokenDag {
  /** Relative to the folder of pipeline.yaml. */
  readonly file: string;
  readonly line: number | null;
  /** The end of the stack trace: type and message. */
  readonly message: string;
  readonly hint: string | null;
}

export interface PipelineLine {
  /** The name of a pipeline, the id of a custom DAG, or the file of one that was never loaded. */
  readonly pipeline: string;
  /** `file` for a pipeline of pipeline.yaml, `airflow` for a custom DAG. */
  readonly from: "file" | "airflow";
  readonly schedule: string | null;
  readonly paused: boolean;
  readonly lastRun: RunLine | null;
  /** Null also for a broken DAG, which Airflow does not run. */
  readonly nextRun: string | null;
  readonly broken: BrokenDag | null;
}

export interface PipelinesDocument {
  readonly pipelines: readonly PipelineLine[];
}

export interface RunsDocument {
  readonly pipeline: string;
  /** The latest first. */
  readonly runs: readonly RunLine[];
}

export function renderPipelines({ pipelines }: PipelinesDocument, view: View, now: number): string {
  if (pipelines.length === 0) return "there are no pipelines\n";
  const { style, columns: width } = view;
  const table = renderTable({
    columns: [
      { header: "pipeline", shrink: true },
      { header: "schedule" },
      { header: "last run" },
      { header: "when" },
      { header: "next run" },
      { header: "note" },
    ],
    rows: pipelines.map(({ pipeline, from, schedule, paused, lastRun, nextRun, broken }) => [
      pipeline,
      schedule,
      lastRun && paintState(lastRun.state, style),
      lastRun?.startedAt ? `${formatAge(now - Date.parse(lastRun.startedAt))} ago` : null,
      nextRun && formatTime(nextRun),
      [
        ...(broken === null ? [] : [style.red("broken")]),
        ...(from === "airflow" ? ["custom DAG"] : []),
        ...(paused ? ["paused"] : []),
      ].join(", "),
    ]),
    width,
    style,
  });
  const broken = pipelines.flatMap((line) => (line.broken === null ? [] : [line.broken]));
  return broken.length === 0 ? table : `${table}\n${renderBroken(broken, style)}`;
}

/** Each error once, with its hint below. */
export function renderBroken(broken: readonly BrokenDag[], style: Style): string {
  const blocks = broken.map((one) => {
    const hint = one.hint === null ? "" : `  ${style.cyan("hint:")} ${one.hint}\n`;
    return `${style.red("✗")} ${formatBroken(one)}\n${hint}`;
  });
  return [...new Set(blocks)].join("");
}

/** `dags/report.py:2: NameError: name 'Nonne' is not defined`. */
export function formatBroken({ file, line, message }: BrokenDag): string {
  return `${file}${line === null ? "" : `:${line}`}: ${message}`;
}

export function renderRuns(
  { pipeline, runs }: RunsDocument,
  { style, columns: width }: View,
): string {
  if (runs.length === 0) return `${pipeline} has no runs\n`;
  return renderTable({
    columns: [
      { header: "run", shrink: true },
      { header: "state" },
      { header: "type" },
      { header: "started" },
      { header: "time", align: "right" },
    ],
    rows: runs.map(({ run, state, type, startedAt, durationMs }) => [
      run,
      paintState(state, style),
      type,
      startedAt && formatTime(startedAt),
      durationMs === null ? null : formatDuration(durationMs),
    ]),
    width,
    style,
  });
}

/** RFC 3339 to the second, in UTC: `2026-11-22 10:15:00Z`. */
export function formatTime(time: string): string {
  return new Date(time).toISOString().replace("T", " ").replace(/\.\d+/, "");
}
