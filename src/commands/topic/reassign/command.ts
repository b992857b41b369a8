import { Command } from "commander";
import { setAction, type CommandHost } from "../../../cli/invocation.ts";
import { withExamples } from "../../../cli/command-help.ts";
import { parseCountOption, withClusterOptions } from "../../../cli/options.ts";
import { replicationLimits } from "../../../config/units.ts";
import { collectBrokers, collectReplicas, wishOf, type ReassignOptions } from "./options.ts";
import { withCluster } from "../../../app/cluster/with-cluster.ts";

export function topicReassignCommand(host: CommandHost): Command {
  const command = new Command("reassign")
    .argument("[topic...]", "with --off, --balance and --cancel: none means all")
    .option(
      "-r, --replication <count>",
      "so many replicas of each partition",
      parseCountOption(replicationLimits),
    )
    .option("--off <brokers>", "take all replicas off these, as in 3 or 2,3", collectBrokers)
    .option("--balance", "even out replicas and preferred leaders over all brokers")
    .option(
      "--replicas <partition=brokers>",
      "just these, the preferred leader first, as in 0=2,3; may be repeated",
      collectReplicas,
    )
    .option("--cancel", "take back what is being moved")
    .option("--dry-run", "only show what would move")
    .option("-d, --detach", "don't wait until the data has moved");
  withClusterOptions(command);
  withExamples(command, [
    ["dp topic reassign orders -r 3", "three replicas, spread over the brokers"],
    ["dp topic reassign --off 3 --dry-run", "what would move if broker 3 were to hold nothing"],
    ["dp topic reassign --balance", "use brokers that have joined"],
    ["dp topic reassign orders --replicas 0=2,3 --replicas 1=3,2", "exactly so"],
    ["dp topic reassign", "what is being moved at the moment"],
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
