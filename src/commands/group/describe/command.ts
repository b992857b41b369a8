import { Command, Option } from "commander";
import { setAction, type CommandHost } from "../../../cli/invocation.ts";
import { groupings, type Grouping } from "./render.ts";
import { withExamples } from "../../../cli/command-help.ts";
import { withClusterOptions } from "../../../cli/options.ts";
import { withCluster } from "../../../app/cluster/with-cluster.ts";

interface DescribeOptions {
  readonly by: Grouping;
  readonly lagging?: boolean;
}

export function groupDescribeCommand(host: CommandHost): Command {
  const command = new Command("describe")
    .description(
      "Lag is shown in records and as the age of the oldest unread record. The command does not join the groups.",
    )
    .argument("<group...>", "Names of the groups")
    .addOption(
      new Option("--by <what>", "Show one row for each").choices(groupings).default("partition"),
    )
    .option("--lagging", "Show only rows with unread records");
  withClusterOptions(command);
  withExamples(command, [
    ["dp group describe billing", "Show the lag of each partition and the member that reads it"],
    ["dp group describe billing --by topic", "Show the lag of each topic"],
    ["dp group describe billing audit --lagging", "Show where two groups have unread records"],
    ["dp group describe billing --json", "Print one JSON document"],
  ]);
  return setAction<DescribeOptions>(
    command,
    host,
    async ({ shared, options, report, signal }, names = []) => {
      const [
        { findGroupsOrFail, listGroups },
        { observeGroups },
        { oldestUnread },
        document,
        view,
      ] = await Promise.all([
        import("../../../kafka/groups/list.ts"),
        import("../../../kafka/groups/observe.ts"),
        import("../../../kafka/groups/age.ts"),
        import("./document.ts"),
        import("./render.ts"),
      ]);
      const groups = await withCluster({ host, shared, signal }, async (cluster) => {
        const found = findGroupsOrFail(await listGroups(cluster), [...new Set(names)]);
        const observed = await observeGroups(cluster, { groups: found, signal });
        return Promise.all(
          observed.map(async (group) => {
            const oldest = await oldestUnread(cluster, group.lags ?? []);
            const remarks = [...document.remarksOf(group), ...document.unknownAges(group, oldest)];
            for (const text of remarks) report.emit({ type: "note", level: "warning", text });
            const known = { oldest, nodes: cluster.nodes(), now: Date.now() };
            return document.groupDocument(group, known);
          }),
        );
      });
      const shown = { by: options.by, lagging: options.lagging === true };
      report.result({ groups }, (on) =>
        groups.map((group) => view.renderGroup(group, shown, on)).join("\n"),
      );
    },
  );
}
