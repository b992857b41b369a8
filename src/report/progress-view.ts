import type { Event, Phase } from "../model/events.ts";
import { formatDuration } from "./format.ts";
import { noteText, ownLogText } from "./plain.ts";
import { progressText, stepVerb, withCountdown } from "./step-text.ts";
import type { Style } from "./style.ts";
import { cutToWidth, pad, visibleWidth, wrapWords } from "./width.ts";

/** What the live view shows: a block that is redrawn, and lines above it that stay. */
export interface ProgressView {
  /** Takes an event in; returns the lines that stay for good. */
  apply(event: Event, now: number): string[];
  /** The block as it stands now, each line cut to the terminal. */
  lines(now: number): string[];
}

export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

interface Row {
  readonly target: string;
  readonly action: string;
  readonly phase: Phase | undefined;
  readonly startedAt: number;
  state: "start" | "done";
  durationMs: number | undefined;
  detail: string;
  /** When what the detail says will happen; undefined for what happens now. */
  until: string | undefined;
  lastLog: string;
}

const FRAMES = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏";
const FRAME_MS = 100;
const DURATION_WIDTH = 8;
const PHASE_WIDTH = "pipelines".length;

/** Follows the events of one run; times are milliseconds of any one clock. */
export function createProgressView({
  style,
  verbose,
  size,
}: {
  readonly style: Style;
  readonly verbose: boolean;
  readonly size: () => TerminalSize;
}): ProgressView {
  /** When each phase that goes on began. */
  const phases = new Map<Phase, number>();
  /** By target: what is done to it next takes the place of what was done before. */
  const rows = new Map<string, Row>();

  const currentPhase = (): Phase | undefined => [...phases.keys()].at(-1);
  const runningRow = (target: string): Row | undefined => {
    const row = rows.get(target);
    return row?.state === "start" ? row : undefined;
  };
  // The last column stays free: some terminals wrap when it is written.
  const cut = (line: string): string => cutToWidth(line, Math.max(1, size().columns - 1));

  const endPhase = (event: Extract<Event, { type: "phase" }>, now: number): string[] => {
    const startedAt = phases.get(event.phase) ?? now;
    phases.delete(event.phase);
    const targets: string[] = [];
    for (const [target, row] of rows) {
      if (row.phase !== event.phase) continue;
      rows.delete(target);
      targets.push(target);
    }
    const duration = formatDuration(event.durationMs ?? now - startedAt);
    const head = `${style.green("✓")} ${pad(event.phase, PHASE_WIDTH)} ${pad(duration, DURATION_WIDTH, "right")}`;
    return [cut(`${head}  ${targets.join(", ")}`.trimEnd())];
  };

  const applyStep = (event: Extract<Event, { type: "step" }>, now: number): string[] => {
    const row = runningRow(event.target);
    switch (event.state) {
      case "start": {
        const cause = event.cause ?? "";
        rows.set(event.target, {
          target: event.target,
          action: event.action,
          phase: currentPhase(),
          startedAt: now,
          state: "start",
          durationMs: undefined,
          detail: cause === "" ? "" : `(${cause})`,
          until: undefined,
          lastLog: "",
        });
        return [];
      }
      case "done":
        if (row === undefined) return [];
        row.state = "done";
        row.durationMs = event.durationMs ?? now - row.startedAt;
        row.lastLog = "";
        return [];
      case "canceled":
        rows.delete(event.target);
        return [];
      case "failed": {
        rows.delete(event.target);
        const duration = event.durationMs ?? now - (row?.startedAt ?? now);
        return [
          `${style.red("✗")} ${stepVerb(event.action, "failed")} ${event.target}  ${formatDuration(duration)}`,
        ];
      }
    }
  };

  const applyProgress = (event: Extract<Event, { type: "progress" }>, now: number): void => {
    const row = runningRow(event.target);
    if (row !== undefined) {
      row.detail = progressText(event);
      row.until = event.until;
      return;
    }
    rows.set(event.target, {
      target: event.target,
      action: "",
      phase: currentPhase(),
      startedAt: now,
      state: "start",
      durationMs: undefined,
      detail: progressText(event),
      until: event.until,
      lastLog: "",
    });
  };

  return {
    apply(event, now) {
      switch (event.type) {
        case "plan":
          return event.text.trim() === "" ? [] : event.text.trimEnd().split("\n");
        case "phase":
          if (event.state === "done") return endPhase(event, now);
          phases.set(event.phase, now);
          return [];
        case "step":
          return applyStep(event, now);
        case "progress":
          applyProgress(event, now);
          return [];
        case "log": {
          if (event.own === true) return [ownLogText(event, style)];
          if (verbose) return [style.dim(`${event.target} | ${event.line}`)];
          const row = runningRow(event.target);
          if (row !== undefined) row.lastLog = event.line;
          return [];
        }
        case "note":
          return wrapWords(noteText(event, style), Math.max(1, size().columns - 1)).split("\n");
        case "result":
          return [];
      }
    },

    lines(now) {
      const widthOf = (text: (row: Row) => string): number =>
        Math.max(0, ...[...rows.values()].map((row) => visibleWidth(text(row))));
      const widths = {
        target: widthOf((row) => row.target),
        verb: widthOf((row) => stepVerb(row.action, row.state)),
      };
      const heads = [...phases].map(
        ([phase, startedAt]) => `${style.bold(phase)}  ${formatDuration(now - startedAt)}`,
      );
      const room = Math.max(1, size().rows - heads.length - 2);
      const body = visibleRows([...rows.values()], room).flatMap((row) =>
        rowLines({ row, now, style, widths }),
      );
      return [...heads, ...body].map(cut);
    },
  };
}

/** The rows that fit: those that are done give way first, the oldest before the others. */
function visibleRows(rows: readonly Row[], room: number): Row[] {
  const needed = (row: Row): number => (row.lastLog === "" ? 1 : 2);
  let excess = rows.reduce((sum, row) => sum + needed(row), 0) - room;
  const hidden = new Set<Row>();
  for (const row of [
    ...rows.filter((each) => each.state === "done"),
    ...rows.filter((each) => each.state === "start"),
  ]) {
    if (excess <= 0) break;
    hidden.add(row);
    excess -= needed(row);
  }
  return rows.filter((row) => !hidden.has(row));
}

function rowLines(view: {
  readonly row: Row;
  readonly now: number;
  readonly style: Style;
  readonly widths: { readonly target: number; readonly verb: number };
}): string[] {
  const { row, now, style, widths } = view;
  const done = row.state === "done";
  const elapsed = row.durationMs ?? now - row.startedAt;
  const frame = FRAMES[Math.floor(elapsed / FRAME_MS) % FRAMES.length] ?? "";
  const texts = [
    `  ${done ? style.green("✓") : style.cyan(frame)} ${pad(row.target, widths.target)}`,
    pad(stepVerb(row.action, row.state), widths.verb),
    pad(formatDuration(elapsed), DURATION_WIDTH, "right"),
    done ? "" : style.dim(withCountdown(row.detail, row.until, now)),
  ];
  const line = texts.join("  ").trimEnd();
  return row.lastLog === "" ? [line] : [line, style.dim(`      │ ${row.lastLog}`)];
}
