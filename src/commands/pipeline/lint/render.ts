import { formatCount } from "../../../report/format.ts";
import type { Style } from "../../../report/style.ts";
import type { FileImport, Finding } from "./findings.ts";

/** A file that the fixes change. */
export interface Change {
  readonly file: string;
  readonly diff: string;
}

export interface LintDocument {
  /** Absolute path of the folder of DAGs. */
  readonly folder: string;
  /** Whether the fixes were written. */
  readonly applied: boolean;
  /** In the files as they are now. */
  readonly findings: readonly Finding[];
  /** What the fixes change, or changed. */
  readonly changes: readonly (Change & {
    /** `git`, or the path of a copy; null before the fixes are written. */
    readonly backup: string | null;
  })[];
  readonly imports: readonly FileImport[];
}

/** The diff of all files, in colors where the output takes them. */
export function renderDiff(changes: readonly Change[], style: Style): string {
  return changes
    .flatMap(({ diff }) => diff.trimEnd().split("\n"))
    .map((line) => `${colorDiffLine(line, style)}\n`)
    .join("");
}

function colorDiffLine(line: string, style: Style): string {
  if (/^(?:---|\+\+\+) /.test(line)) return style.bold(line);
  if (line.startsWith("@@")) return style.cyan(line);
  if (line.startsWith("+")) return style.green(line);
  return line.startsWith("-") ? style.red(line) : line;
}

/** Findings by file, the imports that fail, and what to do next. */
export function renderLint(document: LintDocument, style: Style): string {
  const { findings, imports, applied, changes } = document;
  const files = [...new Set(findings.map(({ file }) => file))];
  const failed = imports.flatMap(({ error }) => (error === null ? [] : [error]));
  const blocks = [
    ...(applied ? [changes.map(renderChanged).join("")] : []),
    ...files.map((name) =>
      renderFile(
        name,
        findings.filter(({ file }) => file === name),
        style,
      ),
    ),
    ...(failed.length === 0 ? [] : [renderFailedImports(failed, style)]),
    `${summarize(document)}\n`,
  ];
  return blocks.filter((block) => block !== "").join("\n");
}

function renderChanged({ file, backup }: LintDocument["changes"][number]): string {
  return `changed ${file} (${backup === "git" ? "the last commit has the original" : `original: ${backup ?? ""}`})\n`;
}

function renderFile(file: string, findings: readonly Finding[], style: Style): string {
  const lines = findings.map(({ line, column, rule, message, hint, fix }) => {
    const how = fix === null ? "" : style.dim(` [${fix === "safe" ? "--fix" : "--fix --unsafe"}]`);
    const place = `${line}:${column}`.padEnd(7);
    const next = hint === null || fix !== null ? "" : `\n          ${style.cyan("hint:")} ${hint}`;
    return `  ${place} ${rule.padEnd(8)} ${message}${how}${next}\n`;
  });
  return `${style.bold(file)}\n${lines.join("")}`;
}

function renderFailedImports(
  errors: readonly NonNullable<FileImport["error"]>[],
  style: Style,
): string {
  const lines = errors.map(({ file, line, message, hint }) => {
    const place = line === null ? file : `${file}:${line}`;
    const next = hint === null ? "" : `\n    ${style.cyan("hint:")} ${hint}`;
    return `  ${place}: ${style.red(message)}${next}\n`;
  });
  return `${style.bold("Airflow can't import:")}\n${lines.join("")}`;
}

/** One line of numbers, e.g. `5 of 12 files can be imported; 81 findings, 24 with a fix`. */
export function summarize({ findings, imports }: LintDocument): string {
  const ok = imports.filter(({ error }) => error === null).length;
  const imported = `${ok} of ${formatCount(imports.length, "DAG file")} can be imported`;
  if (findings.length === 0) return `no findings; ${imported}`;
  const safe = findings.filter(({ fix }) => fix === "safe").length;
  const unsafe = findings.filter(({ fix }) => fix === "unsafe").length;
  const fixes = [
    ...(safe === 0 ? [] : [`${safe} fixed by --fix`]),
    ...(unsafe === 0 ? [] : [`${unsafe} fixed by --fix --unsafe`]),
  ];
  return `${[formatCount(findings.length, "finding"), ...fixes].join(", ")}; ${imported}`;
}
