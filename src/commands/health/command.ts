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
import { readFilePipelines } from "../../app/pipelines/file-pipelines.ts";
import { awaitUnpaused, findStack } from "../../app/stack/running.ts";

export function healthCommand(host: CommandHost): Command {
  const command = new Command("health").description(
    "Checks that each service is ready, that Airflow can load all DAGs, and that every broker accepts a record and returns it. A check without a response is repeated for up to 10 seconds.",
  );
  withSharedOptions(command);
  withExamples(command, [
    ["dp health", "Run all checks and show their results"],
    ["dp health --json", "Print the results as JSON, e.g. for a dashboard"],
    ["dp health -q && make load", "Print nothing, and continue only if the stack is healthy"],
  ]);
  withExitCodes(command, [
    [0, "All checks passed"],
    [1, "The checks could not be run"],
    [10, "At least one check failed"],
  ]);
  return setAction(command, host, async ({ shared, report, signal }) => {
    const stack = await awaitUnpaused(await findStack(host, shared), signal);
    const beside = fileStoreChecks(await findFileStores({ host, shared, stack }));
    const readFile = () => readFilePipelines({ host, shared }, stack.file);
    const document = await readHealth(stack, { signal, beside, readFile });
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
