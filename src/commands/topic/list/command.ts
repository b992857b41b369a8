import { Command, Option } from "commander";
import { listTopics, troubleOf, type ListedTopic } from "../../../kafka/topics/admin.ts";
import type { Cluster } from "../../../kafka/cluster/cluster.ts";
import { formatSize } from "../../../report/format.ts";
import { renderTable } from "../../../report/table.ts";
import { setAction, type CommandHost } from "../../../cli/invocation.ts";
import { withExamples } from "../../../cli/command-help.ts";
import { withClusterOptions } from "../../../cli/options.ts";
import { withCluster } from "../../../app/cluster/with-cluster.ts";

interface ListOptions {
  readonly internal?: boolean;
  readonly long?: boolean;
}

export function topicListCommand(host: CommandHost): Command {
  const command = new Command("list")
    .option("-a, --internal", "Include internal topics, e.g. `__consumer_offsets`")
    .option("-l, --long", "Show offsets and sizes as well, which queries every broker")
    // As rpk spells it.
    .addOption(new Option("-i").hideHelp().implies({ internal: true }));
  withClusterOptions(command);
  withExamples(command, [
    ["dp topic list", "List the topics with their partitions, replication factor, and state"],
    ["dp topic list -l", "Show the number of offsets and the size of each topic"],
    ["dp topic list -a", "Include internal topics"],
    ["dp topic list --json", "Print the topics as one JSON document"],
  ]);
  return setAction<ListOptions>(command, host, async ({ shared, options, report, signal }) => {
    const topics = await withCluster({ host, shared, signal }, async (cluster) => {
      const all = await listTopics(cluster);
      const shown = all.filter(({ internal }) => options.internal === true || !internal);
      return options.long === true ? measure(cluster, shown) : shown;
    });
    report.result({ topics }, ({ style, columns }) => {
      if (topics.length === 0) return "there are no topics\n";
      return renderTable({
        columns: [
          { header: "name", shrink: true },
          { header: "partitions", align: "right" },
          { header: "replication", align: "right" },
          ...(options.long === true ? measures : []),
          { header: "state" },
        ],
        rows: topics.map((topic) => [
          topic.name,
          topic.partitions,
          topic.replication,
          ...(options.long === true ? measuresOf(topic) : []),
          troubleOf(topic) ?? "ok",
        ]),
        style,
        width: columns,
      });
    });
  });
}

const measures = [
  { header: "offsets", align: "right" },
  { header: "size", align: "right" },
] as const;

interface Measured extends ListedTopic {
  readonly offsets?: number | null;
  readonly bytes?: number | null;
}

function measuresOf({ offsets, bytes }: Measured) {
  return [offsets, typeof bytes === "number" ? formatSize(bytes) : undefined];
}

async function measure(cluster: Cluster, topics: readonly ListedTopic[]): Promise<Measured[]> {
  const { describeTopics, sumOf } = await import("../../../kafka/topics/describe-topics.ts");
  const described = await describeTopics(
    cluster,
    topics.map(({ name }) => name),
  );
  return topics.map((topic) => {
    const found = described.find(({ name }) => name === topic.name);
    return { ...topic, ...sumOf(found?.partitions ?? []) };
  });
}
