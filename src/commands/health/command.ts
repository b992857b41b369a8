import { Command } from "commander";
import type { View } from "../../report/choose.ts";
import { formatDuration } from "../../report/format.ts";
import { renderTable } from "../../report/table.ts";
import { setAction, type CommandHost } from "../../cli/invocation.ts";
import { exitCodes } from "../../cli/exit-codes.ts";
import { fileStoreChecks, findFileStores } from "../../app/stack/file-stores.ts";
import { readHealth } from "../../app/checks/health-document.ts";
import { withExamples, withExitCodes } from "../../cli/command-help.ts";
import { withSharedOptions } from "../../cli/options.ts";
import { awaitUnpaused, findStack } from "../../app/stack/running.ts";

export function healthCommand(host: CommandHost): Command {
  const command = new Command("health");
  withSharedOptions(command);
  withExamples(command, [
    ["dp health", "every check with its evidence"],
    ["dp health --json", "for scripts and dashboards"],
    ["dp health -q && echo fine", "print nothing: exit code 10 is unhealthy"],
  ]);
  withExitCodes(command, [
    [0, "All checks passed"],
    [1, "The checks could not be run"],
    [10, "At least one check failed"],
  ]);
  return setAction(command, host, async ({ shared, report, signal }) => {
    const stack = await awaitUnpaused(await findStack(host, shared), signal);
    const beside = fileStoreChecks(await findFileStores({ host, shared, stack }));
    const document = await readHealth(stack, { signal, beside });
    const { checks, healthy } = document;
    const evidence = checks.flatMap(({ service, evidence: lines }) =>
      lines.map((line) => `${service} | ${line}\n`),
    );
    const render = ({ style, columns: width }: View): string => {
      const table = renderTable({
        columns: [
          { header: "service" },
          { header: "check" },
          { header: "health" },
          { header: "time", align: "right" },
          { header: "detail", shrink: true },
        ],
        rows: checks.map((verdict) => [
          verdict.service,
          verdict.check,
          verdict.healthy ? style.green("healthy") : style.red("unhealthy"),
          formatDuration(verdict.durationMs),
          verdict.detail,
        ]),
        width,
        style,
      });
      return evidence.length === 0 ? table : `${table}\n${evidence.join("")}`;
    };
    if (shared.json || !shared.quiet) report.result(document, render);
    return healthy ? exitCodes.done : exitCodes.answeredNo;
  });
}
