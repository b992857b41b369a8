import { Command } from "commander";
import { renderPipeline } from "../../../report/pipeline-graph.ts";
import { renderRuns } from "../../../report/pipeline-list.ts";
import { setAction, type CommandHost } from "../../../cli/invocation.ts";
import { withExamples } from "../../../cli/command-help.ts";
import { withSharedOptions } from "../../../cli/options.ts";
import { requirePipeline, unknownPipeline } from "../../../app/pipelines/target.ts";
import { toShownPipeline } from "./shown-pipeline.ts";
import { findStack } from "../../../app/stack/running.ts";
import { requireStack } from "../../../app/stack/stack-file.ts";
import { renderCustomDag } from "../../../report/custom-dag.ts";
import { nearest } from "../../../stack/nearest.ts";

export function pipelineShowCommand(host: CommandHost): Command {
  const command = new Command("show").argument(
    "<name>",
    "Pipeline in pipeline.yaml, or a custom DAG",
  );
  withSharedOptions(command);
  withExamples(command, [
    ["dp pipeline show orders", "Show what each step reads, does, and writes"],
    ["dp pipeline show daily_report", "Show the tasks of a custom DAG and its last 10 runs"],
    ["dp pipeline show orders --json", "Print the pipeline as JSON, with all defaults filled in"],
    ["dp pipeline show orders --profile ci", "Show the pipeline with a profile applied"],
  ]);
  return setAction(command, host, async ({ shared, report, signal }, [name = ""] = []) => {
    const { stack, fromVariables } = await requireStack(host, shared, report);
    const names = stack.pipelines.map((pipeline) => pipeline.name);
    if (stack.airflow?.dags !== undefined && !names.includes(name)) {
      const [found, { airflowContainer, withAirflow }, { readCustomDag }] = await Promise.all([
        findStack(host, shared),
        import("../../../app/pipelines/airflow.ts"),
        import("./custom-dag.ts"),
      ]);
      // A misspelled name is reported also without an Airflow that knows the custom DAGs.
      const isRunning = airflowContainer(found.observed) !== undefined;
      if (!isRunning && nearest(name, names) !== undefined) throw unknownPipeline(name, names);
      const dag = await withAirflow(found, (airflow) =>
        readCustomDag({ airflow, stack, name, signal }),
      );
      report.result(dag, (view) => {
        const last = renderRuns({ pipeline: name, runs: dag.runs }, view);
        return `${renderCustomDag(dag, view.style)}\n${last}`;
      });
      return;
    }
    const pipeline = toShownPipeline(requirePipeline(stack, name), fromVariables);
    const { findLastRuns } = await import("../../../app/pipelines/runs.ts");
    const runs = await findLastRuns({ host, shared, stack, name, signal });
    const document = { ...pipeline, from: "file", runs };
    report.result(document, (view) => {
      const last = runs.length === 0 ? "" : `\n${renderRuns({ pipeline: name, runs }, view)}`;
      return `${renderPipeline(pipeline, view.style)}${last}`;
    });
  });
}
