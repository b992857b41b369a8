import { Command } from "commander";
import { DpError } from "../../errors.ts";
import { followLogs, mergedLogs, type ServiceLine } from "../../docker/exec/merge-logs.ts";
import { renderJsonLine } from "../../report/json.ts";
import { visibleText } from "../../safe-text/control-characters.ts";
import type { Style } from "../../report/style.ts";
import { expandServices } from "../../stack/select.ts";
import { setAction, type CommandHost } from "../../cli/invocation.ts";
import { exitCodeForSignal, exitCodes } from "../../cli/exit-codes.ts";
import { withExamples } from "../../cli/command-help.ts";
import { durationOption, parseCountOption, withSharedOptions } from "../../cli/options.ts";
import { ageLimits, lineLimits } from "../../config/units.ts";
import { findStack } from "../../app/stack/running.ts";

interface LogsOptions {
  readonly follow?: boolean;
  readonly since?: number;
  readonly lines?: number;
}

export function logsCommand(host: CommandHost): Command {
  const command = new Command("logs")
    .description(
      "Logs are removed together with their containers. The logs of a failed `dp up` are kept in `.dp/failures`.",
    )
    .argument("[service...]", "Services to show (default: all; kafka: all brokers)")
    .option("-f, --follow", "Follow log output")
    .addOption(
      durationOption("--since <duration>", "Show only lines newer than this, e.g. `10m`", {
        limits: ageLimits,
      }),
    )
    .option(
      "-n, --lines <count>",
      "Number of lines to show from the end of each log (default: all)",
      parseCountOption(lineLimits),
    );
  withSharedOptions(command, { fileFlag: "long" });
  withExamples(command, [
    ["dp logs", "Show all logs of all services"],
    ["dp logs kafka -n 20", "Show the last 20 lines of each broker"],
    ["dp logs zookeeper-1 -f", "Follow the log of one service"],
    ["dp logs --since 10m --json", "Print the last 10 minutes as JSON, one object per line"],
  ]);
  return setAction<LogsOptions>(
    command,
    host,
    async ({ shared, options, report, signal }, words = []) => {
      const { name, engine, observed } = await findStack(host, shared);
      if (observed.containers.length === 0) {
        throw new DpError({
          code: "not-running",
          message: `nothing of ${name} is on the engine`,
          why: "logs go with the containers; those of failed runs are under .dp/failures",
          next: "dp up",
        });
      }
      const services = observed.containers.map(({ service }) => service);
      const selected = words.length > 0 ? expandServices(words, services) : services;
      const containers = observed.containers
        .filter(({ service }) => selected.includes(service))
        .toSorted((a, b) => (a.service < b.service ? -1 : 1));
      const width = Math.max(0, ...containers.map(({ service }) => service.length));
      const names = containers.map(({ service }) => service);
      const paint = painter(names, report.style);
      // In a pipe bytes are bytes.
      const show = report.columns === undefined ? String : visibleText;
      const format = (line: ServiceLine): string =>
        shared.json
          ? renderJsonLine(line)
          : `${paint(line.service, `${line.service.padEnd(width)} |`)} ${show(line.text)}\n`;
      report.output.watchReader();
      const input = {
        client: await engine.client(),
        containers,
        signal: AbortSignal.any([signal, report.output.closed]),
        query: {
          follow: options.follow === true,
          tail: options.lines,
          since:
            options.since === undefined
              ? undefined
              : Math.max(0, Math.floor((Date.now() - options.since) / 1000)),
        },
      };
      if (options.follow) {
        await followLogs(input, async (line) => report.output.write(format(line)));
      } else {
        for (const line of await mergedLogs(input)) await report.output.write(format(line));
      }
      return signal.aborted ? exitCodeForSignal(host.interruptedBy() ?? "SIGINT") : exitCodes.done;
    },
  );
}

/** Each service keeps one colour. */
function painter(services: readonly string[], style: Style) {
  const colours = [style.cyan, style.green, style.yellow, style.red];
  return (service: string, text: string): string => {
    const colour = colours[services.indexOf(service) % colours.length];
    return colour ? colour(text) : text;
  };
}
