import { Command } from "commander";
import { setAction, type CommandHost } from "../../../cli/invocation.ts";
import { exitCodeForSignal, exitCodes } from "../../../cli/exit-codes.ts";
import { withExamples } from "../../../cli/command-help.ts";
import {
  durationOption,
  parseCountOption,
  parsePartitions,
  withClusterOptions,
} from "../../../cli/options.ts";
import { recordLimits, waitLimits } from "../../../config/units.ts";
import { withCluster } from "../../../app/cluster/with-cluster.ts";
import { collectTexts, readTailOptions, type TailOptions } from "./options.ts";

export function topicTailCommand(host: CommandHost): Command {
  const command = new Command("tail")
    .description(
      "Prints the last 10 records of the topics, then new records until Ctrl-C. Reads without a consumer group, so nothing is committed. With `--grep`, `-n` and `-c` count matching records. TIME is a moment or an age, e.g. `@2026-11-22T10:00` or `@-1h`.",
    )
    .argument("<topic...>", "Names of topics, or patterns, e.g. `'orders.*'`")
    .option(
      "-n, --lines <count>",
      "Number of existing records to print first, merged by timestamp (default: 10)",
      parseCountOption(recordLimits),
    )
    .option(
      "-c, --count <count>",
      "Exit after this many printed records",
      parseCountOption({ ...recordLimits, least: 1 }),
    )
    .option("-e, --end", "Exit at the current end of the topics")
    .option(
      "-o, --offset <offset>",
      "Where to start: `start`, `end`, N, `+N` from the start, `-N` from the end, `@TIME`, or a range, e.g. `10:20`, `:end`, or `@-2h:-1h`",
    )
    .option(
      "-p, --partitions <list>",
      "Partitions to read, e.g. `0,2` or `0-5` (default: all)",
      parsePartitions,
    )
    .option(
      "--grep <pattern>",
      "Print only records whose key or value matches this regular expression; prefix it with `key:`, `value:`, or `header.NAME:` to search only there (repeatable)",
      collectTexts,
    )
    .option("-i, --ignore-case", "Ignore case in `--grep` patterns")
    .addOption(
      durationOption(
        "--idle-exit <duration>",
        "Exit when no record arrives for this long, e.g. `5s`",
        {
          limits: waitLimits,
        },
      ),
    )
    .option(
      "--format <format>",
      "Format of each record: `%t`=topic, `%p`=partition, `%o`=offset, `%T`=timestamp in ms, `%D`=time, `%k`=key, `%v`=value, `%h`=headers, `%h{NAME}`=one header, `%v{hex}`=decoded value, `%D{%H:%M}`=formatted time, `\\n`=line break",
    )
    .option(
      "--decode <kinds>",
      "Decode the value as KIND, or `key=KIND,value=KIND`: `json`, `hex`, `base64`, `int64`, `float64`, ... (big-endian), `confluent` (strips the schema ID), `schema-id`",
    )
    .option("--read-committed", "Skip records of open and aborted transactions")
    .option("--check-crcs", "Verify the CRC of each batch");
  withClusterOptions(command);
  withExamples(command, [
    ["dp topic tail orders", "Print the last 10 records, then follow new ones"],
    ["dp topic tail orders -o start -e", "Print all records and exit"],
    ["dp topic tail orders -o @-1h:end --json", "Print the last hour as JSON, one object per line"],
    ["dp topic tail orders payments -n 0", "Follow only new records of two topics"],
    ["dp topic tail 'orders.*' --grep header.trace:^4f", "Search for records with a header"],
    ["dp topic tail orders --format '%p %o %k %v\\n'", "Choose the fields to print"],
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
