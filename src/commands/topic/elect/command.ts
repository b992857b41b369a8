import { Command } from "commander";
import { setAction, type CommandHost } from "../../../cli/invocation.ts";
import { exitCodes } from "../../../cli/exit-codes.ts";
import { withExamples } from "../../../cli/command-help.ts";
import { withClusterOptions } from "../../../cli/options.ts";
import { withCluster } from "../../../app/cluster/with-cluster.ts";

export function topicElectCommand(host: CommandHost): Command {
  const command = new Command("elect")
    .description(
      "The preferred leader of a partition is its first replica. After a broker restart, other replicas may lead until the next election.",
    )
    .argument("[topic...]", "Topics to elect leaders for (default: all)");
  withClusterOptions(command);
  withExamples(command, [
    ["dp topic elect", "Elect the leaders of all topics, e.g. after a broker restart"],
    ["dp topic elect orders payments", "Elect the leaders of two topics"],
    ["dp topic elect --json", "Print the elections as one JSON document"],
  ]);
  return setAction<object>(command, host, async ({ shared, report, signal }, words = []) => {
    const { electLeaders, renderElections } = await import("./elect.ts");
    const elections = await withCluster({ host, shared, signal, emit: report.emit }, (cluster) =>
      electLeaders(cluster, [...new Set(words)]),
    );
    report.result({ elections }, (view) => renderElections(elections, view));
    const failed = elections.some(({ outcome }) => outcome === "failed");
    return failed ? exitCodes.failed : exitCodes.done;
  });
}
