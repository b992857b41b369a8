import { basename } from "node:path";
import { Command } from "commander";
import type { View } from "../../report/choose.ts";
import { setAction, type CommandHost } from "../../cli/invocation.ts";
import type { Host, SharedOptions } from "../../app/request.ts";
import { withExamples } from "../../cli/command-help.ts";
import { withSharedOptions } from "../../cli/options.ts";
import { requireLoaded } from "../../app/stack/stack-file.ts";

interface ConfigOptions {
  readonly sources?: boolean;
  readonly schema?: boolean;
}

export function configCommand(host: CommandHost): Command {
  const command = new Command("config")
    .description(
      "Shows the values that dp uses when the profile, `--set`, and variables have been applied.",
    )
    .option("--sources", "Show the source of each value")
    .option("--schema", "Print the JSON Schema of pipeline.yaml instead");
  withSharedOptions(command);
  withExamples(command, [
    ["dp config", "Print pipeline.yaml with all defaults"],
    [
      "dp config --sources --profile ci",
      "Show whether each value comes from a line, a profile, an option, or a default",
    ],
    ["dp config --set kafka.brokers=3 --json", "Print the result of an override as JSON"],
    ["dp config --schema > pipeline.schema.json", "Write a schema for completion in an editor"],
  ]);
  return setAction<ConfigOptions>(command, host, async ({ shared, options, report }) => {
    if (options.schema) {
      const { jsonSchema, renderJsonSchema } = await import("../../config/reference.ts");
      report.result(jsonSchema(), () => renderJsonSchema(), { verbatim: true });
      return;
    }
    const loaded = await requireLoaded(host, shared, report);
    const { file, stack } = loaded;
    const [{ resolveConfig }, text] = await Promise.all([
      import("../../config/config.ts"),
      import("../../config/config-text.ts"),
    ]);
    const entries = resolveConfig({ ...loaded, project: projectOf(host, shared) });
    const document = {
      file,
      ...(stack.profile === undefined ? {} : { profile: stack.profile }),
      config: text.configDocument(entries),
      ...(options.sources ? { sources: text.sourceList(entries) } : {}),
    };
    const render = ({ style }: View): string => {
      const of = (source: Parameters<typeof text.describeSource>[0]): string =>
        text.describeSource(source, basename(file));
      return text.renderConfig(entries, options.sources ? { of, paint: style.dim } : undefined);
    };
    report.result(document, render, { verbatim: true });
  });
}

function projectOf(
  { env }: Host,
  { project }: SharedOptions,
): "--project" | "DP_PROJECT" | undefined {
  if (project !== undefined) return "--project";
  return env["DP_PROJECT"] ? "DP_PROJECT" : undefined;
}
