import { Command } from "commander";
import { renderTable } from "../../../report/table.ts";
import { setAction, type Host } from "../../context.ts";
import { withExamples, withSharedOptions } from "../../options.ts";
import { withStackCluster } from "../../stack-cluster.ts";

interface ListOptions {
  readonly internal?: boolean;
}

export function topicListCommand(host: Host): Command {
  const command = new Command("list").option("-i, --internal", "Kafka's own ones too");
  withSharedOptions(command);
  withExamples(command, [
    ["dp topic list", "name, partitions and replication"],
    ["dp topic list -i", "with __consumer_offsets and the like"],
    ["dp topic list --json", "one JSON document"],
  ]);
  return setAction<ListOptions>(command, host, async ({ shared, options, report, signal }) => {
    const { listTopics } = await import("../../../kafka/admin.ts");
    const all = await withStackCluster({ host, shared, signal }, listTopics);
    const topics = all.filter(({ internal }) => options.internal === true || !internal);
    report.result({ topics }, ({ style, columns }) =>
      renderTable({
        columns: [
          { header: "name", shrink: true },
          { header: "partitions", align: "right" },
          { header: "replication", align: "right" },
        ],
        rows: topics.map(({ name, partitions, replication }) => [name, partitions, replication]),
        style,
        width: columns,
      }),
    );
  });
}
