import { Command } from "commander";
import { renderPipelines } from "../../../report/pipeline-list.ts";
import { setAction, type CommandHost } from "../../../cli/invocation.ts";
import { withExamples } from "../../../cli/command-help.ts";
import { withSharedOptions } from "../../../cli/options.ts";
import { findTarget } from "../../../app/pipelines/target.ts";

export function pipelineListCommand(host: CommandHost): Command {
  const command = new Command("list").description(
    "Includes custom DAGs. Pipelines are read from pipeline.yaml, their runs from Airflow.",
  );
  withSharedOptions(command);
  withExamples(command, [
    ["dp pipeline list", "List all pipelines with their schedules, and last and next runs"],
    ["dp pipeline list --json", "Print the pipelines as one JSON document"],
    ["dp pipeline list --project shop", "List the pipelines of another stack"],
  ]);
  return setAction(command, host, async (invocation) => {
    const { report, signal } = invocation;
    const { stack, found } = await findTarget(invocation);
    const [{ airflowContainer, withAirflow }, { listPipelines }] = await Promise.all([
      import("../../../app/pipelines/airflow.ts"),
      import("../../../app/pipelines/list.ts"),
    ]);
    const hasAirflow = airflowContainer(found.observed) !== undefined;
    if (stack.airflow && !hasAirflow) {
      const text =
        "Airflow does not run: runs are not known, nor hand-written DAGs; dp up starts it";
      report.emit({ type: "note", level: "info", text });
    }
    const pipelines = hasAirflow
      ? await withAirflow(found, (airflow) => listPipelines(stack, airflow, signal))
      : await listPipelines(stack, undefined, signal);
    report.result({ pipelines }, (view) => renderPipelines({ pipelines }, view, Date.now()));
  });
}
