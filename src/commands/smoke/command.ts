import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { Command } from "commander";
import { DpError, messageOf } from "../../errors.ts";
import { renderJunit } from "../../report/junit.ts";
import { renderVerdicts } from "../../report/smoke-verdicts.ts";
import { renderTable } from "../../report/table.ts";
import { allChecks, selectChecks } from "../../smoke/checks.ts";
import type { SmokeDocument } from "../../smoke/model.ts";
import { setAction, type CommandHost } from "../../cli/invocation.ts";
import { exitCodes, smokeExitCodes } from "../../cli/exit-codes.ts";
import { withExamples, withExitCodes } from "../../cli/command-help.ts";
import { durationOption, parseCountOption, withSharedOptions } from "../../cli/options.ts";
import { waitLimits } from "../../config/units.ts";
import { awaitUnpaused, findStack } from "../../app/stack/running.ts";
import { smokeDefaults, smokeOutcome } from "../../smoke/outcome.ts";

interface SmokeOptions {
  readonly only?: readonly string[];
  readonly skip?: readonly string[];
  readonly list?: boolean;
  readonly junit?: string;
  readonly records: number;
  readonly timeout?: number;
}

export function smokeCommand(host: CommandHost): Command {
  const command = new Command("smoke")
    .description(
      "Each check uses its own topics, groups, and rows, and removes them afterwards. Checks that do not apply to the stack are skipped.",
    )
    .option("--only <checks>", "Comma-separated checks to run (default: all)", collectNames)
    .option("--skip <checks>", "Comma-separated checks to skip", collectNames)
    .option("--list", "List the checks and exit")
    .option(
      "--records <count>",
      'Number of records that the "order" check writes',
      parseCountOption({ least: 1, most: 1_000_000 }),
      smokeDefaults.records,
    )
    .option("--junit <file>", "Also write the results to this file, as JUnit XML")
    .addOption(
      durationOption("--timeout <duration>", "Maximum time for each check", {
        limits: waitLimits,
        defaultMs: smokeDefaults.timeoutMs,
      }),
    );
  withSharedOptions(command);
  withExamples(command, [
    ["dp smoke", "Run all checks"],
    ["dp smoke --list", "List the checks with what each one verifies"],
    ["dp smoke --only brokers,order --records 100000", "Run two checks, one with more records"],
    ["dp smoke --junit smoke.xml", "Write a report for a CI system"],
  ]);
  withExitCodes(command, [
    [0, "All checks that apply to the stack passed"],
    [1, "No check could be run"],
    [10, "At least one check failed"],
  ]);
  return setAction<SmokeOptions>(command, host, async ({ shared, options, report, signal }) => {
    const checks = selectChecks(allChecks, options);
    if (options.list === true) {
      const listed = checks.map(({ name, proves }) => ({ name, proves }));
      report.result({ checks: listed }, ({ style, columns: width }) =>
        renderTable({
          columns: [{ header: "check" }, { header: "verifies" }],
          rows: listed.map(({ name, proves }) => [name, proves]),
          width,
          style,
        }),
      );
      return exitCodes.done;
    }
    const [stack, { prove }] = await Promise.all([
      findStack(host, shared).then((found) => awaitUnpaused(found, signal)),
      import("../../app/checks/smoke-prove.ts"),
    ]);
    const { records, timeout: timeoutMs = smokeDefaults.timeoutMs } = options;
    const { emit } = report;
    const document = await prove({ stack, checks, records, timeoutMs, emit, signal });
    // First the verdicts: a file that can't be written must not hide them.
    report.result(document, (view) => renderVerdicts(document, view));
    if (options.junit !== undefined) await writeJunit(resolve(host.cwd, options.junit), document);
    return smokeExitCodes[smokeOutcome(document)];
  });
}

function collectNames(text: string, before: readonly string[] = []): string[] {
  const names = text.split(",").map((name) => name.trim());
  return [...before, ...names.filter((name) => name !== "")];
}

async function writeJunit(file: string, document: SmokeDocument): Promise<void> {
  try {
    await writeFile(file, renderJunit(document));
  } catch (error) {
    throw new DpError({
      code: "io-failed",
      message: `can't write ${file}`,
      why: messageOf(error),
      cause: error,
    });
  }
}
