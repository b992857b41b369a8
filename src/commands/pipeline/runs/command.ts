import { Command } from "commander";
import { renderRuns } from "../../../report/pipeline-list.ts";
import { setAction, type CommandHost } from "../../../cli/invocation.ts";
import { withExamples } from "../../../cli/command-help.ts";
import { parseCountOption, withSharedOptions } from "../../../cli/options.ts";
import { findTarget } from "../../../app/pipelines/target.ts";

interface RunsOptions {
  readonly lines: number;
}

const defaultCount = 10;

export function pipelineRunsCommand(host: CommandHost): Command {
  const command = new Command("runs")
    .argument("<name>", "Pipeline in pipeline.yaml, or a custom DAG")
    .option(
      "-n, --lines <count>",
      "Maximum number of runs to list",
      parseCountOption({ least: 1, most: 10_000 }),
      defaultCount,
    );
  withSharedOptions(command);
  withExamples(command, [
    ["dp pipeline runs orders", "List the last 10 runs"],
    ["dp pipeline runs orders -n 100", "List the last 100 runs"],
    ["dp pipeline runs orders -n 1 --json", "Print the latest run as JSON"],
  ]);
  return setAction<RunsOptions>(command, host, async (invocation, [name = ""] = []) => {
    const { options, report, signal } = invocation;
    const { stack, found } = await findTarget(invocation);
    const [{ withAirflow }, { runsOf, toRunLine }] = await Promise.all([
      import("../../../app/pipelines/airflow.ts"),
      import("../../../app/pipelines/runs.ts"),
    ]);
    const runs = await withAirflow(found, ({ client }) =>
      runsOf({ client, stack, name, signal }, { limit: options.lines }),
    );
    const document = { pipeline: name, runs: runs.map(toRunLine) };
    report.result(document, (view) => renderRuns(document, view));
  });
}
