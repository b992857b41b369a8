import { visibleText } from "../safe-text/control-characters.ts";
import { formatPath } from "../stack/path.ts";
import type { Problem } from "../stack/problem.ts";
import type { Style } from "./style.ts";
import { cutToWidth, visibleWidth } from "./width.ts";

export interface ProblemsView {
  readonly problems: readonly Problem[];
  /** The file as the user knows it, e.g. `pipeline.yaml`. */
  readonly file: string;
  readonly text: string;
  readonly style: Style;
  /** Width of the terminal; source lines are cut to it. No limit when left out. */
  readonly columns?: number | undefined;
}

/**
 * Problems for people, one block each: place, severity and message, the line of the file with a
 * caret under the span, and what to write instead. Ends with a newline; empty without problems.
 */
export function renderProblems(view: ProblemsView): string {
  const sources = view.text.split(/\r?\n/);
  return view.problems.map((problem) => renderProblem({ problem, view, sources })).join("\n");
}

function renderProblem(input: {
  problem: Problem;
  view: ProblemsView;
  /** The lines of the file. */
  sources: readonly string[];
}): string {
  const { problem, view, sources } = input;
  const { file, style } = view;
  const { at, severity, message, hint } = problem;
  const place = at ? `${file}:${at.line}:${at.column}` : file;
  const paint = severity === "error" ? style.red : style.yellow;
  const lines = [`${style.bold(place)}  ${paint(severity)}  ${message}`];
  if (at) lines.push(...renderExcerpt({ at, view, paint, source: sources[at.line - 1] ?? "" }));
  if (hint !== undefined) lines.push(`  ${style.cyan("hint:")} ${hint}`);
  return `${lines.join("\n")}\n`;
}

function renderExcerpt(input: {
  at: NonNullable<Problem["at"]>;
  view: ProblemsView;
  paint: (text: string) => string;
  source: string;
}): string[] {
  const { at, view, paint, source } = input;
  const gutter = `  ${at.line} | `;
  const room = Math.max(20, (view.columns ?? Number.POSITIVE_INFINITY) - gutter.length);
  const line = excerptOf({ source, column: at.column, length: at.length, room });
  const margin = `${" ".repeat(gutter.length - 2)}| `;
  return [
    `${view.style.dim(gutter)}${line.text}`,
    `${view.style.dim(margin)}${" ".repeat(line.indent)}${paint("^".repeat(line.carets))}`,
  ];
}

/** The part of a source line that holds the span, with tabs as one space, so that carets line up. */
function excerptOf(input: { source: string; column: number; length: number; room: number }): {
  text: string;
  indent: number;
  carets: number;
} {
  const { room } = input;
  const written = input.source.replaceAll("\t", " ").trimEnd();
  const before = visibleText(written.slice(0, input.column - 1));
  const spanned = visibleText(written.slice(input.column - 1, input.column - 1 + input.length));
  // Control characters take more columns as they are shown.
  const [column, length] = [before.length + 1, spanned.length];
  const source = visibleText(written);
  const isFarOut = visibleWidth(before) > room / 2 && visibleWidth(source) > room;
  const dropped = isFarOut ? column - 1 - Math.floor(room / 3) : 0;
  const shown = isFarOut ? `…${source.slice(dropped + 1)}` : source;
  const indent = visibleWidth(shown.slice(0, column - 1 - dropped));
  const span = source.slice(column - 1, column - 1 + length);
  return {
    text: Number.isFinite(room) ? cutToWidth(shown, room) : shown,
    indent,
    carets: Math.max(1, Math.min(visibleWidth(span), room - indent)),
  };
}

/** What `validate --json` prints: `at` is left out for what stands on the command line. */
export interface ProblemsDocument {
  readonly file: string;
  readonly valid: boolean;
  readonly problems: readonly {
    readonly severity: Problem["severity"];
    readonly message: string;
    readonly hint?: string;
    /** Dotted, e.g. `kafka.config.listeners`; empty for the file as a whole. */
    readonly path: string;
    readonly at?: { readonly file: string; readonly line: number; readonly column: number };
  }[];
}

/** Problems for machines; a file with warnings only is valid. */
export function problemsDocument(input: {
  file: string;
  problems: readonly Problem[];
}): ProblemsDocument {
  const { file, problems } = input;
  return {
    file,
    valid: problems.every(({ severity }) => severity !== "error"),
    problems: problems.map(({ severity, message, hint, path, at }) => ({
      severity,
      message,
      ...(hint === undefined ? {} : { hint }),
      path: formatPath(path),
      ...(at ? { at: { file, line: at.line, column: at.column } } : {}),
    })),
  };
}
