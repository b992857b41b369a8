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
    .option("--sources", "say of each value where it comes from")
    .option("--schema", "print the JSON Schema of pipeline.yaml instead");
  withSharedOptions(command);
  withExamples(command, [
    ["dp config", "the file as dp understands it, with every default"],
    ["dp config --sources --profile ci", "which line, profile, flag or default each value is from"],
    ["dp config --set kafka.brokers=3 --json", "for a program, as if the file said so"],
    ["dp config --schema > pipeline.schema.json", "for completion and checks in an editor"],
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
