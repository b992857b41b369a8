import type { RunState } from "../pipeline/result.ts";
import type { View } from "./choose.ts";
import { formatAge, formatDuration } from "./format.ts";
import { paintState } from "./pipeline-run.ts";
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

export interface PipelineLine {
  readonly pipeline: string;
  /** `file` for one of pipeline.yaml, `airflow` for a DAG written by hand. */
  readonly from: "file" | "airflow";
  readonly schedule: string | null;
  readonly paused: boolean;
  readonly lastRun: RunLine | null;
  readonly nextRun: string | null;
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
  return renderTable({
    columns: [
      { header: "pipeline", shrink: true },
      { header: "schedule" },
      { header: "last run" },
      { header: "when" },
      { header: "next run" },
      { header: "note" },
    ],
    rows: pipelines.map(({ pipeline, from, schedule, paused, lastRun, nextRun }) => [
      pipeline,
      schedule,
      lastRun && paintState(lastRun.state, style),
      lastRun?.startedAt ? `${formatAge(now - Date.parse(lastRun.startedAt))} ago` : null,
      nextRun && formatTime(nextRun),
      [from === "airflow" ? "written by hand" : "", paused ? "paused" : ""]
        .filter((text) => text !== "")
        .join(", "),
    ]),
    width,
    style,
  });
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
function formatTime(time: string): string {
  return new Date(time).toISOString().replace("T", " ").replace(/\.\d+/, "");
}
