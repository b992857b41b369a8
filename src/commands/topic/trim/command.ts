import { Command } from "commander";
import { confirm } from "../../../cli/confirm.ts";
import { setAction, type CommandHost } from "../../../cli/invocation.ts";
import { exitCodes } from "../../../cli/exit-codes.ts";
import { withExamples } from "../../../cli/command-help.ts";
import { parsePartitions, withClusterOptions } from "../../../cli/options.ts";
import { withCluster } from "../../../app/cluster/with-cluster.ts";

interface TrimOptions {
  readonly offset: string;
  readonly partitions?: readonly number[];
  readonly dryRun?: boolean;
  readonly yes?: boolean;
}

export function topicTrimCommand(host: CommandHost): Command {
  const command = new Command("trim")
    .description("Shows how many records will be deleted, and asks for confirmation.")
    .argument("<topic>", "Name of the topic")
    .requiredOption(
      "-o, --offset <offset>",
      "Delete records before this offset: `end`, N, `+N` from the start, `-N` from the end, or `@TIME`",
    )
    .option(
      "-p, --partitions <list>",
      "Partitions to trim, e.g. `0,2` or `0-5` (default: all)",
      parsePartitions,
    )
    .option("--dry-run", "Show how many records would be deleted; delete nothing")
    .option("-y, --yes", "Skip the confirmation");
  withClusterOptions(command);
  withExamples(command, [
    ["dp topic trim orders -o end", "Delete all records of a topic, after confirmation"],
    ["dp topic trim orders -o @-1d -y", "Keep the last day, without confirmation"],
    ["dp topic trim orders -o -1000 -p 0", "Keep the last 1000 records of partition 0"],
    ["dp topic trim orders -o 120 --dry-run", "Show how many records are before offset 120"],
  ]);
  return setAction<TrimOptions>(
    command,
    host,
    async ({ shared, options, report, signal }, [topic = ""] = []) => {
      const { dryRun = false } = options;
      const [{ parseStart }, { planTrim, trimTopic }, { joinFailures }, shows] = await Promise.all([
        import("../../../kafka/read/offsets.ts"),
        import("../../../kafka/topics/trim.ts"),
        import("../../../app/topics/failures.ts"),
        import("./trim.ts"),
      ]);
      const start = parseStart(options.offset, Date.now());
      const emit = dryRun ? {} : { emit: report.emit };
      return withCluster({ host, shared, signal, ...emit }, async (cluster) => {
        const { partitions } = options;
        const plan = await planTrim({ cluster, topic, start, partitions, signal });
        const going = plan.filter(({ before, logStart }) => before > logStart);
        if (dryRun || going.length === 0) {
          const document = shows.documentOf(topic, plan, { dryRun });
          report.result(document, (view) => shows.renderTrim(document, view));
          return exitCodes.done;
        }
        const where = partitions === undefined ? "" : ` -p ${partitions.join()}`;
        const answer =
          options.yes === true
            ? "yes"
            : await confirm(host, {
                message: shows.questionOf(topic, going),
                what: `trimming ${topic}`,
                command: `dp topic trim ${topic} -o ${options.offset}${where} -y`,
              });
        if (answer === "cancelled") return exitCodes.interrupted;
        if (answer === "no") {
          report.emit({ type: "note", level: "info", text: "nothing was deleted" });
          return exitCodes.failed;
        }
        const { logStarts, failures } = await trimTopic({ cluster, topic, plan: going, signal });
        const done = plan.flatMap((one) => {
          const failed = going.includes(one) && !logStarts.has(one.partition);
          return failed ? [] : [{ ...one, before: logStarts.get(one.partition) ?? one.before }];
        });
        if (logStarts.size > 0) {
          const document = shows.documentOf(topic, done, { dryRun });
          report.result(document, (view) => shows.renderTrim(document, view));
        }
        const failure = joinFailures(failures);
        if (failure !== undefined) throw failure;
        return exitCodes.done;
      });
    },
  );
}
