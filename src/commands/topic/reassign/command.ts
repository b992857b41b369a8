import { Command } from "commander";
import { setAction, type CommandHost } from "../../../cli/invocation.ts";
import { withExamples } from "../../../cli/command-help.ts";
import { parseCountOption, withClusterOptions } from "../../../cli/options.ts";
import { replicationLimits } from "../../../config/units.ts";
import { collectBrokers, collectReplicas, wishOf, type ReassignOptions } from "./options.ts";
import { withCluster } from "../../../app/cluster/with-cluster.ts";

export function topicReassignCommand(host: CommandHost): Command {
  const command = new Command("reassign")
    .description(
      "Without options, shows the ongoing reassignments. Producers and consumers continue while replicas move.",
    )
    .argument(
      "[topic...]",
      "Topics to change (default with `--off`, `--balance`, and `--cancel`: all)",
    )
    .option(
      "-r, --replication <count>",
      "New replication factor",
      parseCountOption(replicationLimits),
    )
    .option("--off <brokers>", "Drain these brokers, e.g. `3` or `2,3`", collectBrokers)
    .option("--balance", "Spread replicas and preferred leaders evenly over all brokers")
    .option(
      "--replicas <partition=brokers>",
      "Replicas of one partition, preferred leader first, e.g. `0=2,3` (repeatable)",
      collectReplicas,
    )
    .option("--cancel", "Cancel the ongoing reassignments")
    .option("--dry-run", "Show what would move; move nothing")
    .option("-d, --detach", "Return without waiting until the data has moved");
  withClusterOptions(command);
  withExamples(command, [
    ["dp topic reassign orders -r 3", "Change the replication factor to 3"],
    ["dp topic reassign --off 3 --dry-run", "Show what would move if broker 3 were drained"],
    ["dp topic reassign --balance", "Move replicas to brokers that were added"],
    [
      "dp topic reassign orders --replicas 0=2,3 --replicas 1=3,2",
      "Choose the replicas of two partitions",
    ],
    ["dp topic reassign", "Show the ongoing reassignments"],
  ]);
  return setAction<ReassignOptions>(
    command,
    host,
    async ({ shared, options, report, signal }, words = []) => {
      const topics = [...new Set(words)];
      const wish = wishOf(options, topics);
      const { reassign } = await import("./run.ts");
      await withCluster({ host, shared, signal, emit: report.emit }, (cluster) =>
        reassign({ cluster, wish, topics, options, report, signal }),
      );
    },
  );
}
