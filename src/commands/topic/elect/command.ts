import { Command } from "commander";
import { setAction, type CommandHost } from "../../../cli/invocation.ts";
import { exitCodes } from "../../../cli/exit-codes.ts";
import { withExamples } from "../../../cli/command-help.ts";
import { withClusterOptions } from "../../../cli/options.ts";
import { withCluster } from "../../../app/cluster/with-cluster.ts";

export function topicElectCommand(host: CommandHost): Command {
  const command = new Command("elect").argument("[topic...]", "none means all");
  withClusterOptions(command);
  withExamples(command, [
    [
      "dp topic elect",
      "after a broker was away: every partition is led by its first replica again",
    ],
    ["dp topic elect orders payments", "only these"],
    ["dp topic elect --json", "one JSON document"],
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
