import { Command } from "commander";
import { DpError } from "../../../errors.ts";
import { confirm } from "../../../cli/confirm.ts";
import { setAction, type CommandHost, type Invocation } from "../../../cli/invocation.ts";
import { exitCodes, type ExitCode } from "../../../cli/exit-codes.ts";
import { withExamples, withExitCodes } from "../../../cli/command-help.ts";
import { withSharedOptions } from "../../../cli/options.ts";
import { findTarget } from "../../../app/pipelines/target.ts";
import { tellOtherEngine } from "../../../app/stack/engine.ts";
import { formatCount } from "../../../report/format.ts";
import type { Lint } from "./lint.ts";
import { renderDiff, renderLint, type LintDocument } from "./render.ts";

interface LintOptions {
  readonly fix?: boolean;
  readonly unsafe?: boolean;
  readonly diff?: boolean;
  readonly yes?: boolean;
}

export function pipelineLintCommand(host: CommandHost): Command {
  const command = new Command("lint")
    .description(
      "Checks the custom DAGs in `airflow.dags` with ruff's rules for Airflow 3, finds variables of templates that Airflow 3 removed, and imports each DAG in the image of Airflow. The stack need not run. `--fix` shows a diff and asks for confirmation. It keeps the original of each file that git does not have.",
    )
    .option("--fix", "Fix the files, after a diff and a confirmation")
    .option("--diff", "Show the changes of `--fix`; change nothing")
    .option("--unsafe", "Include fixes that may change behavior, e.g. of moved operators")
    .option("-y, --yes", "Skip the confirmation of `--fix`");
  withSharedOptions(command);
  withExamples(command, [
    ["dp pipeline lint", "List what Airflow 3 removed, and the DAGs that fail to import"],
    ["dp pipeline lint --diff --unsafe", "Show all fixes as a diff"],
    ["dp pipeline lint --fix --unsafe", "Fix DAGs that were written for Airflow 2"],
    ["dp pipeline lint --fix --unsafe -y", "Fix them without confirmation"],
    ["dp pipeline lint --json", "Print the findings as one JSON document"],
  ]);
  withExitCodes(command, [
    [0, "Nothing was found, and every DAG can be imported"],
    [1, "Findings or import errors remain, or you answered no"],
  ]);
  return setAction<LintOptions>(command, host, lint);
}

async function lint(invocation: Invocation<LintOptions>): Promise<ExitCode> {
  const { host, shared, options, report, signal } = invocation;
  const { fix = false, unsafe = false, diff = false } = options;
  assertOptions(options);
  const target = await findTarget({ host, shared, report });
  tellOtherEngine(target.found.engine, report.emit);
  const { withLint } = await import("./lint.ts");
  return withLint({ ...target, host, unsafe, report, signal }, async (linted) => {
    const { folder, before, after, changes } = linted;
    if (fix && changes.length > 0) return applyFixes(invocation, linted);
    const document: LintDocument = {
      folder,
      applied: false,
      // With nothing to write, the files are what they are with all fixes.
      findings: fix ? after : before,
      changes: changes.map((change) => ({ ...change, backup: null })),
      imports: await linted.importDags("original"),
    };
    report.result(document, ({ style }) => {
      const text = renderLint(document, style);
      return diff && changes.length > 0 ? `${renderDiff(changes, style)}\n${text}` : text;
    });
    return toExitCode(document);
  });
}

async function applyFixes(
  { host, shared, options, report }: Invocation<LintOptions>,
  linted: Lint,
): Promise<ExitCode> {
  const { folder, after, changes } = linted;
  const asks = options.yes !== true;
  // In a document, the diff is a field. To be confirmed, it has to be shown before.
  await report.endProgress();
  const output = shared.json ? report.errorOutput() : report.output;
  if (asks || !shared.json) {
    const { style } = report;
    await output.write(report.safe(`${renderDiff(changes, style)}\n`));
  }
  if (asks) {
    const answer = await confirm(host, {
      message: askFor(linted),
      what: "changing DAG files",
      command: `dp pipeline lint --fix${options.unsafe === true ? " --unsafe" : ""} -y`,
    });
    if (answer === "cancelled") return exitCodes.interrupted;
    if (answer === "no") {
      report.emit({ type: "note", level: "info", text: "nothing was changed" });
      return exitCodes.failed;
    }
  }
  const written = await linted.write();
  const document: LintDocument = {
    folder,
    applied: true,
    findings: after,
    changes: changes.flatMap((change) => {
      const backup = written.find(({ file }) => file === change.file)?.backup;
      return backup === undefined ? [] : [{ ...change, backup }];
    }),
    imports: await linted.importDags("fixed"),
  };
  report.result(document, ({ style }) => renderLint(document, style));
  return toExitCode(document);
}

/** Names the files whose original git does not have, because these get a copy. */
function askFor({ folder, rewrites }: Lint): string {
  const reasons = {
    "copy-untracked": "Not in git",
    "copy-uncommitted": "Uncommitted changes",
  } as const;
  const lines = (["copy-untracked", "copy-uncommitted"] as const).flatMap((kind) => {
    const files = rewrites.flatMap(({ file, backup }) => (backup === kind ? [file] : []));
    if (files.length === 0) return [];
    const rest = files.length > maxNamed ? `, and ${files.length - maxNamed} more` : "";
    const names = `${files.slice(0, maxNamed).join(", ")}${rest}`;
    return [`${reasons[kind]}, the original is kept as FILE.orig: ${names}`];
  });
  return [...lines, `Change ${formatCount(rewrites.length, "file")} in ${folder}?`].join("\n");
}

/** A question must fit on a screen. */
const maxNamed = 5;

function toExitCode({ findings, imports }: LintDocument): ExitCode {
  const ok = findings.length === 0 && imports.every(({ error }) => error === null);
  return ok ? exitCodes.done : exitCodes.failed;
}

/** Throws DpError `usage` for options that have no effect together. */
function assertOptions({ fix, diff, unsafe, yes }: LintOptions): void {
  const usage = (message: string, why: string, next: string): DpError =>
    new DpError({ code: "usage", message, why, next });
  if (fix === true && diff === true) {
    throw usage(
      "--fix and --diff can't be combined",
      "--diff changes nothing, and --fix shows the diff, too",
      "dp pipeline lint --fix",
    );
  }
  if (unsafe === true && fix !== true && diff !== true) {
    throw usage(
      "--unsafe requires --fix or --diff",
      "it selects the fixes",
      "dp pipeline lint --diff --unsafe",
    );
  }
  if (yes === true && fix !== true) {
    throw usage("--yes requires --fix", "nothing else asks", "dp pipeline lint --fix -y");
  }
}
