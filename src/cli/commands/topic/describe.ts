import { Command } from "commander";
import type { DescribedTopic } from "../../../kafka/admin.ts";
import type { View } from "../../../report/choose.ts";
import { formatCount, formatSize } from "../../../report/format.ts";
import { renderTable } from "../../../report/table.ts";
import { setAction, type Host } from "../../context.ts";
import { withExamples, withSharedOptions } from "../../options.ts";
import { withStackCluster } from "../../stack-cluster.ts";

export function topicDescribeCommand(host: Host): Command {
  const command = new Command("describe").argument("<topic...>");
  withSharedOptions(command);
  withExamples(command, [
    ["dp topic describe orders", "one topic"],
    ["dp topic describe orders payments", "several"],
    ["dp topic describe orders --json", "one JSON document"],
  ]);
  return setAction<object>(command, host, async ({ shared, report, signal }, names = []) => {
    const { describeTopics } = await import("../../../kafka/admin.ts");
    const described = await withStackCluster({ host, shared, signal }, (cluster) =>
      describeTopics(cluster, [...new Set(names)]),
    );
    const topics = described.map(documentOf);
    report.result({ topics }, (view) => topics.map((topic) => renderTopic(topic, view)).join("\n"));
  });
}

/** Only configs that differ from the broker's are of interest. */
function documentOf(topic: DescribedTopic) {
  const { name, replication, partitions } = topic;
  const own = Object.entries(topic.config).filter(([, { ownValue }]) => ownValue);
  return {
    name,
    replication,
    // Not all of them need be records: what was compacted away and transaction markers count too.
    offsets: partitions.reduce((sum, { logStart, end }) => sum + end - logStart, 0),
    bytes: partitions.reduce((sum, { bytes = 0 }) => sum + bytes, 0),
    partitions,
    config: Object.fromEntries(own.map(([key, { value }]) => [key, value])),
  };
}

function renderTopic(topic: ReturnType<typeof documentOf>, { style, columns }: View): string {
  const { name, replication, offsets, bytes, partitions, config } = topic;
  const facts = [
    formatCount(partitions.length, "partition"),
    formatCount(replication, "replica"),
    formatCount(offsets, "offset"),
    formatSize(bytes),
    ...Object.entries(config).map(([key, value]) => `${key}=${value}`),
  ];
  const table = renderTable({
    columns: [
      { header: "partition", align: "right" },
      { header: "leader", align: "right" },
      { header: "replicas" },
      { header: "isr" },
      { header: "start", align: "right" },
      { header: "end", align: "right" },
      { header: "size", align: "right" },
    ],
    rows: partitions.map((one) => [
      one.partition,
      one.leader < 0 ? "-" : one.leader,
      one.replicas.join(),
      one.isr.join(),
      one.logStart,
      one.end,
      one.bytes === undefined ? undefined : formatSize(one.bytes),
    ]),
    style,
    width: columns,
  });
  return `${style.bold(name)}: ${facts.join(", ")}\n${table}`;
}
