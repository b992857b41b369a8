import { Command } from "commander";
import { setAction, type CommandHost } from "../../../cli/invocation.ts";
import { withExamples } from "../../../cli/command-help.ts";
import { parseCountOption, withClusterOptions } from "../../../cli/options.ts";
import { partitionLimits, replicationLimits } from "../../../config/units.ts";
import { withCluster } from "../../../app/cluster/with-cluster.ts";
import { collectConfig, type ConfigOption } from "../../../cli/topic-options.ts";

interface CreateOptions {
  readonly partitions?: number;
  readonly replication?: number;
  readonly config?: ConfigOption;
  readonly ifNotExists?: boolean;
  readonly dryRun?: boolean;
}

export function topicCreateCommand(host: CommandHost): Command {
  const command = new Command("create")
    .argument("<topic...>")
    .option(
      "-p, --partitions <count>",
      "default: the brokers' own",
      parseCountOption(partitionLimits),
    )
    .option(
      "-r, --replication <count>",
      "replicas of each partition; default: the brokers' own",
      parseCountOption(replicationLimits),
    )
    .option("-c, --config <key=value>", "a topic config; may be repeated", collectConfig)
    .option("--if-not-exists", "no error when it exists already; says where it differs")
    .option("--dry-run", "only ask the brokers whether they would");
  withClusterOptions(command);
  withExamples(command, [
    ["dp topic create orders", "with the brokers' defaults"],
    ["dp topic create orders -p 6 -r 3 -c retention.ms=1d", "durations and sizes may have units"],
    ["dp topic create orders payments --if-not-exists", "for scripts"],
    ["dp topic create orders -p 6 -r 3 --dry-run", "would it work?"],
  ]);
  return setAction<CreateOptions>(
    command,
    host,
    async ({ shared, options, report, signal }, names = []) => {
      const { createAll, renderCreation } = await import("./create.ts");
      const { dryRun = false, ifNotExists = false } = options;
      const { partitions = -1, replication = -1, config = {} } = options;
      const creation = await withCluster({ host, shared, signal, emit: report.emit }, (cluster) => {
        const topics = [...new Set(names)].map((name) => {
          return { name, partitions, replication, config };
        });
        return createAll({ cluster, topics, dryRun, ifNotExists, signal });
      });
      for (const { topic, differences } of creation.topics) {
        const text = `${topic} is not as asked for: ${differences.join(", ")}`;
        if (differences.length > 0) report.emit({ type: "note", level: "warning", text });
      }
      const document = { dryRun, topics: creation.topics };
      if (creation.topics.length > 0) report.result(document, () => renderCreation(document));
      if (creation.failure !== undefined) throw creation.failure;
    },
  );
}
