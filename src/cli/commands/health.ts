import { Command } from "commander";
import { DpError } from "../../errors.ts";
import { runChecks, type HealthCheck, type HealthVerdict } from "../../health/checks.ts";
import { formatDuration } from "../../report/format.ts";
import { renderTable } from "../../report/table.ts";
import { setAction, type Host } from "../context.ts";
import { dataPathChecks } from "../health/data-path.ts";
import { exitCodes } from "../exit-codes.ts";
import { partitionChecks, registrationChecks } from "../health/cluster-checks.ts";
import { answerChecks } from "../health/checks.ts";
import { withExamples, withSharedOptions } from "../options.ts";
import { brokerAddresses, findStack } from "../running.ts";

const checkTimeoutMs = 10_000;

interface HealthDocument {
  readonly project: string;
  readonly healthy: boolean;
  readonly checks: readonly HealthVerdict[];
}

export function healthCommand(host: Host): Command {
  const command = new Command("health");
  withSharedOptions(command);
  withExamples(command, [
    ["dp health", "every check with its evidence"],
    ["dp health --json", "for scripts and dashboards"],
    ["dp health -q && echo fine", "only the exit code matters: 10 is unhealthy"],
  ]);
  return setAction(command, host, async ({ shared, report, signal }) => {
    const stack = await findStack(host, shared);
    const { name, observed } = stack;
    const checks: HealthCheck[] = [
      ...answerChecks(stack),
      ...registrationChecks(observed),
      ...partitionChecks(brokerAddresses(observed)),
      ...dataPathChecks(stack),
    ];
    if (checks.length === 0) {
      throw new DpError({
        code: "not-running",
        message: `nothing of ${name} is on the engine`,
        next: "dp up",
      });
    }
    const verdicts = await runChecks(checks, { signal, timeoutMs: checkTimeoutMs });
    const healthy = verdicts.every((verdict) => verdict.healthy);
    const document: HealthDocument = { project: name, healthy, checks: verdicts };
    const evidence = verdicts.flatMap(({ service, evidence: lines }) =>
      lines.map((line) => `${service} | ${line}\n`),
    );
    report.result(document, ({ style, columns: width }) => {
      const table = renderTable({
        columns: [
          { header: "service" },
          { header: "check" },
          { header: "health" },
          { header: "time", align: "right" },
          { header: "detail", shrink: true },
        ],
        rows: verdicts.map((verdict) => [
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
    });
    return healthy ? exitCodes.done : exitCodes.answeredNo;
  });
}
