import { Command } from "commander";
import { renderTable } from "../../../report/table.ts";
import { setAction, type CommandHost } from "../../../cli/invocation.ts";
import { withExamples } from "../../../cli/command-help.ts";
import { withClusterOptions } from "../../../cli/options.ts";
import { withCluster } from "../../../app/cluster/with-cluster.ts";

export function groupListCommand(host: CommandHost): Command {
  const command = new Command("list");
  withClusterOptions(command);
  withExamples(command, [
    ["dp group list", "List all groups"],
    ["dp group list --json", "Print the groups as one JSON document"],
    ["dp group list --brokers kafka.example.com:9092", "List the groups of an external cluster"],
  ]);
  return setAction<object>(command, host, async ({ shared, report, signal }) => {
    const [{ listGroups }, { observeGroups }, { sumLag }] = await Promise.all([
      import("../../../kafka/groups/list.ts"),
      import("../../../kafka/groups/observe.ts"),
      import("../../../kafka/groups/lag.ts"),
    ]);
    const observed = await withCluster({ host, shared, signal }, async (cluster) =>
      observeGroups(cluster, { groups: await listGroups(cluster), signal }),
    );
    const groups = observed.map(({ name, type, state, coordinator, members, lags }) => ({
      group: name,
      type,
      state,
      coordinator,
      members: members?.length ?? null,
      topics: [...new Set((lags ?? []).map(({ topic }) => topic))].toSorted(),
      lag: lags === undefined ? null : sumLag(lags),
    }));
    const typed = groups.some(({ type }) => type !== "classic");
    report.result({ groups }, ({ style, columns }) => {
      if (groups.length === 0) return "there are no consumer groups\n";
      return renderTable({
        columns: [
          { header: "group" },
          ...(typed ? [{ header: "type" }] : []),
          { header: "state" },
          { header: "members", align: "right" },
          { header: "lag", align: "right" },
          { header: "topics", shrink: true },
        ],
        rows: groups.map(({ group, type, state, members, lag, topics }) => [
          group,
          ...(typed ? [type] : []),
          state,
          members,
          lag,
          topics.join(", "),
        ]),
        style,
        width: columns,
      });
    });
  });
}
