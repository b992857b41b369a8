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
    .argument("<topic...>", "Names of the new topics")
    .option(
      "-p, --partitions <count>",
      "Number of partitions (default: broker default)",
      parseCountOption(partitionLimits),
    )
    .option(
      "-r, --replication <count>",
      "Replication factor (default: broker default)",
      parseCountOption(replicationLimits),
    )
    .option(
      "-c, --config <key=value>",
      "Topic config, e.g. `retention.ms=1d` or `max.message.bytes=2m` (repeatable)",
      collectConfig,
    )
    .option("--if-not-exists", "Accept existing topics, and report how they differ")
    .option("--dry-run", "Validate on the brokers; create nothing");
  withClusterOptions(command);
  withExamples(command, [
    ["dp topic create orders", "Create a topic with the defaults of the brokers"],
    ["dp topic create orders -p 6 -r 3 -c retention.ms=1d", "Create a topic that keeps one day"],
    ["dp topic create orders payments --if-not-exists", "Make sure that two topics exist"],
    [
      "dp topic create orders -p 6 -r 3 --dry-run",
      "Check whether the brokers would accept a topic",
    ],
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
