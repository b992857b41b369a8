import { Command } from "commander";
import { renderPipeline } from "../../../report/pipeline-graph.ts";
import { renderRuns } from "../../../report/pipeline-list.ts";
import { setAction, type CommandHost } from "../../../cli/invocation.ts";
import { withExamples } from "../../../cli/command-help.ts";
import { withSharedOptions } from "../../../cli/options.ts";
import { requirePipeline } from "../../../app/pipelines/target.ts";
import { toShownPipeline } from "./shown-pipeline.ts";
import { requireStack } from "../../../app/stack/stack-file.ts";

export function pipelineShowCommand(host: CommandHost): Command {
  const command = new Command("show").argument("<name>", "Pipeline in pipeline.yaml");
  withSharedOptions(command);
  withExamples(command, [
    ["dp pipeline show orders", "Show what each step reads, does, and writes"],
    ["dp pipeline show orders --json", "Print the pipeline as JSON, with all defaults filled in"],
    ["dp pipeline show orders --profile ci", "Show the pipeline with a profile applied"],
  ]);
  return setAction(command, host, async ({ shared, report, signal }, [name = ""] = []) => {
    const { stack, fromVariables } = await requireStack(host, shared, report);
    const pipeline = toShownPipeline(requirePipeline(stack, name), fromVariables);
    const { findLastRuns } = await import("../../../app/pipelines/runs.ts");
    const runs = await findLastRuns({ host, shared, stack, name, signal });
    const document = { ...pipeline, runs };
    report.result(document, (view) => {
      const last = runs.length === 0 ? "" : `\n${renderRuns({ pipeline: name, runs }, view)}`;
      return `${renderPipeline(pipeline, view.style)}${last}`;
    });
  });
}
