import type { RunResult, StepResult, StepState } from "../pipeline/result.ts";
import type { View } from "./choose.ts";
import { formatDuration } from "./format.ts";
import type { Style } from "./style.ts";
import { renderTable } from "./table.ts";

export interface RunView extends View {
  /** Whether the lines of the steps were shown when they came: then they are not repeated. */
  readonly hasShownLines: boolean;
}

/** How a run ended: its steps as a table, then what failed, with its last lines. */
export function renderRun(result: RunResult, { style, columns, hasShownLines }: RunView): string {
  const table = renderTable({
    columns: [
      { header: "step", shrink: true },
      { header: "state" },
      { header: "tries", align: "right" },
      { header: "in", align: "right" },
      { header: "out", align: "right" },
      { header: "bad", align: "right" },
      { header: "time", align: "right" },
    ],
    rows: result.steps.map((step) => rowOf(step, style)),
    width: columns,
    style,
  });
  const failures = result.failures.filter(({ log }) => !hasShownLines || log.length === 0);
  return `${table}${renderFailures(failures, style)}${renderEnd(result, style)}`;
}

function rowOf(result: StepResult, style: Style) {
  const { step, state, tries, recordsIn, recordsOut, recordsBad, durationMs } = result;
  return [
    step,
    paintState(state, style),
    tries === 0 ? null : tries,
    recordsIn,
    recordsOut,
    recordsBad,
    durationMs === null ? null : formatDuration(durationMs),
  ];
}

/** The state of a step or run as people read it, in its colour. */
export function paintState(state: StepState | RunResult["state"], style: Style): string {
  const text = state.replace("-", " ");
  switch (state) {
    case "succeeded":
      return style.green(text);
    case "failed":
      return style.red(text);
    case "running":
      return style.cyan(text);
    case "retrying":
      return style.yellow(text);
    case "queued":
    case "waiting":
    case "skipped":
    case "not-reached":
      return style.dim(text);
  }
}

function renderFailures(failures: RunResult["failures"], style: Style): string {
  return failures
    .map(({ step, try: tryNumber, log }) => {
      const tries = tryNumber > 1 ? ` on try ${tryNumber}` : "";
      const lines = log.length > 0 ? log : ["it wrote nothing"];
      const head = style.red(`${step} failed${tries}; its last lines:`);
      return `\n${head}\n${lines.map((line) => `  ${line}`.trimEnd()).join("\n")}\n`;
    })
    .join("");
}

function renderEnd(result: RunResult, style: Style): string {
  const { pipeline, run, state, durationMs, why } = result;
  const sign = state === "succeeded" ? style.green("✓") : style.red("✗");
  const time = durationMs === null ? "" : ` after ${formatDuration(durationMs)}`;
  const reason = why === null ? "" : `: ${why}`;
  return `\n${sign} ${style.bold(pipeline)} ${state}${time}${reason} ${style.dim(`(run ${run})`)}\n`;
}
