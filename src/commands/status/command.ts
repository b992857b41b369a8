import { Command } from "commander";
import { observeStack } from "../../docker/stack/observe.ts";
import { createUsageMeter } from "../../docker/stack/usage.ts";
import { DpError } from "../../errors.ts";
import { setAction, type CommandHost } from "../../cli/invocation.ts";
import { withExamples } from "../../cli/command-help.ts";
import { durationOption, withSharedOptions } from "../../cli/options.ts";
import { intervalLimits } from "../../config/units.ts";
import { findStack, type FoundStack } from "../../app/stack/running.ts";
import { readStatus, type StatusDocument } from "../../app/status/document.ts";
import { readFilePipelines } from "../../app/pipelines/file-pipelines.ts";
import { renderStatus } from "./render.ts";

interface StatusOptions {
  readonly watch?: boolean;
  readonly interval?: number;
}

const defaultIntervalMs = 2000;

export function statusCommand(host: CommandHost): Command {
  const command = new Command("status")
    .description(
      "Lists each service with its state, health, address, uptime, CPU, and memory, followed by the topics and pipelines.",
    )
    .option("-w, --watch", "Refresh until Ctrl-C; when piped, print a table on every change")
    .addOption(
      durationOption(
        "--interval <duration>",
        "Time between refreshes with `--watch` (default: 2s)",
        {
          limits: intervalLimits,
        },
      ),
    );
  withSharedOptions(command);
  withExamples(command, [
    ["dp status", "Show the stack of the nearest pipeline.yaml"],
    ["dp status --watch", "Refresh the status every 2 seconds"],
    ["dp status --project shop", "Show another stack from any folder"],
    ["dp status --json", "Print the status as one JSON document"],
    [
      "dp status --watch --interval 10s --json",
      "Print one JSON document per line, every 10 seconds",
    ],
  ]);
  return setAction<StatusOptions>(command, host, async ({ shared, options, report, signal }) => {
    if (options.interval !== undefined && options.watch !== true) throw noWatch();
    const found = await findStack(host, shared);
    if (shared.project !== undefined && options.watch !== true) assertExists(found);
    const pipelines = readFilePipelines({ host, shared }, found.file);
    const usageOf = createUsageMeter(found.engine);
    if (options.watch !== true) {
      const document = await readStatus({ found, pipelines, usageOf, signal });
      report.result(document, (view) => renderStatus(document, view, Date.now()));
      return undefined;
    }
    const read = async (either: AbortSignal): Promise<StatusDocument> => {
      const observed = await observeStack(found.engine, found.name, either);
      const stack = { ...found, observed };
      return readStatus({ found: stack, pipelines, usageOf, signal: either });
    };
    const { watchStatus } = await import("./watch.ts");
    const intervalMs = options.interval ?? defaultIntervalMs;
    return watchStatus({ host, report, json: shared.json, intervalMs, read });
  });
}

/** A stack that is named, not read from a file, may be misspelled. */
function assertExists({ name, observed }: FoundStack): void {
  if (observed.containers.length + observed.networks.length + observed.volumes.length > 0) return;
  throw new DpError({
    code: "not-running",
    message: `stack "${name}" not found`,
    why: "the engine has no container, network or volume of this stack",
    next: "dp ls",
  });
}

function noWatch(): DpError {
  return new DpError({
    code: "usage",
    message: "--interval belongs to --watch",
    next: "dp status --watch --interval 10s",
  });
}
