import { Command } from "commander";
import { setAction, type CommandHost } from "../../../cli/invocation.ts";
import { withExamples } from "../../../cli/command-help.ts";
import { withSharedOptions } from "../../../cli/options.ts";
import { requirePipeline } from "../../../app/pipelines/target.ts";
import { requireStack } from "../../../app/stack/stack-file.ts";

export function pipelineRenderCommand(host: CommandHost): Command {
  const command = new Command("render").argument("<name>", "a pipeline of the file");
  withSharedOptions(command);
  withExamples(command, [
    ["dp pipeline render orders", "the DAG that Airflow gets"],
    ["dp pipeline render orders > orders_dag.py", "into a file"],
    ["dp pipeline render orders --json", "with the version that it stands for"],
  ]);
  return setAction(command, host, async ({ shared, report }, [name = ""] = []) => {
    const { stack } = await requireStack(host, shared, report);
    requirePipeline(stack, name);
    const { readPipelineCode, renderDags } = await import("../../../app/pipelines/code.ts");
    const code = await readPipelineCode(stack);
    for (const text of code.notes) report.emit({ type: "note", level: "warning", text });
    const dag = (await renderDags(stack, code)).find(({ pipeline }) => pipeline === name);
    const { version = "", file = "", text = "" } = dag ?? {};
    report.result({ pipeline: name, version, file, text }, () => text, { verbatim: true });
  });
}
