import { Command } from "commander";
import { renderJsonLine } from "../../../report/json.ts";
import { visibleText } from "../../../safe-text/control-characters.ts";
import { setAction, type CommandHost } from "../../../cli/invocation.ts";
import { exitCodeForSignal, exitCodes } from "../../../cli/exit-codes.ts";
import { withExamples } from "../../../cli/command-help.ts";
import { withSharedOptions } from "../../../cli/options.ts";
import { findTarget } from "../../../app/pipelines/target.ts";

interface LogsOptions {
  readonly run?: string;
  readonly step?: string;
  readonly follow?: boolean;
}

export function pipelineLogsCommand(host: CommandHost): Command {
  const command = new Command("logs")
    .argument("<name>", "Pipeline in pipeline.yaml, or a custom DAG")
    .option("--run <id>", "ID of the run (default: the latest run)")
    .option("--step <name>", "Show only this step")
    .option("-f, --follow", "Follow the logs until the run ends");
  withSharedOptions(command, { fileFlag: "long" });
  withExamples(command, [
    ["dp pipeline logs orders", "Show the logs of the latest run"],
    ["dp pipeline logs orders -f", "Follow an active run"],
    ["dp pipeline logs orders --step clean --json", "Print the lines of one step as JSON objects"],
  ]);
  return setAction<LogsOptions>(command, host, async (invocation, [name = ""] = []) => {
    const { shared, options, report, signal } = invocation;
    const { style, output } = report;
    // In a pipe bytes are bytes.
    const show = report.columns === undefined ? String : visibleText;
    output.watchReader();
    const { stack, found } = await findTarget(invocation);
    const [{ withAirflow }, { requireRun }, { readRunLogs, followRunLogs }] = await Promise.all([
      import("../../../app/pipelines/airflow.ts"),
      import("../../../app/pipelines/runs.ts"),
      import("./logs.ts"),
    ]);
    const stop = AbortSignal.any([signal, output.closed]);
    try {
      await withAirflow(found, async ({ client }) => {
        const run = await requireRun({ client, stack, name, signal: stop }, options.run);
        const read = options.follow === true ? followRunLogs : readRunLogs;
        await read({
          client,
          run,
          step: options.step,
          write: (line) =>
            output.write(
              shared.json
                ? renderJsonLine(line)
                : `${style.cyan(`${line.step} |`)} ${show(line.text)}\n`,
            ),
          signal: stop,
        });
      });
    } catch (thrown) {
      if (!stop.aborted) throw thrown;
    }
    return signal.aborted ? exitCodeForSignal(host.interruptedBy() ?? "SIGINT") : exitCodes.done;
  });
}
