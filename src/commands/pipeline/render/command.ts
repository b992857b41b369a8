import { Command } from "commander";
import { setAction, type CommandHost } from "../../../cli/invocation.ts";
import { withExamples } from "../../../cli/command-help.ts";
import { withSharedOptions } from "../../../cli/options.ts";
import { findStepImages } from "../../../app/images/images.ts";
import { requirePipeline } from "../../../app/pipelines/target.ts";
import { connect } from "../../../app/stack/engine.ts";
import { requireStack } from "../../../app/stack/stack-file.ts";
import { containerSteps } from "../../../stack/step-container.ts";

export function pipelineRenderCommand(host: CommandHost): Command {
  const command = new Command("render")
    .description("Prints the Python file that `dp up` deploys to Airflow.")
    .argument("<name>", "Pipeline in pipeline.yaml");
  withSharedOptions(command);
  withExamples(command, [
    ["dp pipeline render orders", "Print the DAG of a pipeline"],
    ["dp pipeline render orders > orders_dag.py", "Write the DAG to a file"],
    ["dp pipeline render orders --json", "Print the DAG and its version as JSON"],
  ]);
  return setAction(command, host, async ({ shared, report, signal }, [name = ""] = []) => {
    const { stack: written } = await requireStack(host, shared, report);
    requirePipeline(written, name);
    const { readPipelineCode, renderDags } = await import("../../../app/pipelines/code.ts");
    // The names of images are part of a version, and only the engine knows those of builds.
    const hasContainers = containerSteps(written.pipelines).length > 0;
    const stepImages = hasContainers
      ? await findStepImages({ engine: await connect(host, shared), stack: written, signal })
      : new Map<string, string>();
    const stack = { ...written, stepImages };
    const code = await readPipelineCode(stack);
    for (const text of code.notes) report.emit({ type: "note", level: "warning", text });
    const dag = (await renderDags(stack, code)).find(({ pipeline }) => pipeline === name);
    const { version = "", file = "", text = "" } = dag ?? {};
    report.result({ pipeline: name, version, file, text }, () => text, { verbatim: true });
  });
}
