import { Command } from "commander";
import { setAction, type CommandHost } from "../../../cli/invocation.ts";
import { exitCodeForSignal, exitCodes } from "../../../cli/exit-codes.ts";
import { withExamples } from "../../../cli/command-help.ts";
import {
  parseCountOption,
  parseDurationOption,
  parsePartitions,
  withClusterOptions,
} from "../../../cli/options.ts";
import { recordLimits, waitLimits } from "../../../config/units.ts";
import { withCluster } from "../../../app/cluster/with-cluster.ts";
import { collectTexts, readTailOptions, type TailOptions } from "./options.ts";

export function topicTailCommand(host: CommandHost): Command {
  const command = new Command("tail")
    .argument("<topic...>", "names, or patterns such as 'orders.*'")
    .option(
      "-n, --lines <count>",
      "begin with the last so many of the topics, merged by time; with --grep, the last so many that match (default: 10)",
      parseCountOption(recordLimits),
    )
    .option(
      "-c, --count <count>",
      "stop after so many are shown",
      parseCountOption({ ...recordLimits, least: 1 }),
    )
    .option("-e, --end", "stop at the end as it is now")
    .option(
      "-o, --offset <offset>",
      "begin at start, end, offset N, +N from the start, -N from the end, or @TIME; or a range that ends there: 10:20, :end, @-2h:-1h",
    )
    .option("-p, --partitions <list>", "only these, e.g. 0,2 or 0-5", parsePartitions)
    .option(
      "--grep <pattern>",
      "only records whose key or value matches the regular expression; key:, value: or header.NAME: before it says where; may be repeated",
      collectTexts,
    )
    .option("-i, --ignore-case", "upper and lower case match alike")
    .option(
      "--idle-exit <duration>",
      "stop when nothing has come for so long, e.g. 5s",
      parseDurationOption(waitLimits),
    )
    .option(
      "--format <format>",
      "%t topic, %p partition, %o offset, %T ms, %D time, %k key, %v value, %h headers, %h{NAME}, %v{hex}, %D{%F %T}, \\n end of line",
    )
    .option(
      "--decode <kinds>",
      "read bytes as key=KIND,value=KIND: int64, float64, … (big-endian), json, hex, base64, confluent (cuts off its schema id)",
    )
    .option("--read-committed", "leave out records of transactions that are open or aborted")
    .option("--check-crcs", "compare each batch with its checksum");
  withClusterOptions(command);
  withExamples(command, [
    ["dp topic tail orders", "the last 10 records, then follow"],
    ["dp topic tail orders -o start -e", "all of it"],
    ["dp topic tail orders -o @-1h:end --json", "the last hour, a JSON object a line"],
    ["dp topic tail orders payments -n 0", "only what comes, of two topics"],
    ["dp topic tail 'orders.*' --grep header.trace:^4f", "what has such a header"],
    ["dp topic tail orders --format '%p %o %k %v\\n'", "fields of your choice"],
  ]);
  return setAction<TailOptions>(
    command,
    host,
    async ({ shared, options, report, signal }, topics = []) => {
      const { output, emit } = report;
      output.watchReader();
      const stop = AbortSignal.any([signal, output.closed]);
      const loading = import("./run.ts");
      const { chooseWriter } = await import("./writer.ts");
      const { request, decoding } = await readTailOptions(options, { topics, emit });
      const { format } = options;
      const writerFor = await chooseWriter({ report, json: shared.json, format, decoding });
      try {
        await withCluster({ host, shared, signal: stop }, async (cluster) => {
          const { runTail } = await loading;
          await runTail({ request, cluster, stop, emit, writerFor });
        });
      } catch (error) {
        if (!stop.aborted) throw error;
      }
      if (signal.aborted) return exitCodeForSignal(host.interruptedBy() ?? "SIGINT");
      return exitCodes.done;
    },
  );
}
