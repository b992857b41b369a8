import type { Cluster } from "../../../kafka/cluster/cluster.ts";
import { electPreferredLeaders, type Election } from "../../../kafka/topics/elect.ts";
import { describeTopicsOrFail } from "../../../kafka/read/log-ranges.ts";
import type { View } from "../../../report/choose.ts";
import { formatCount } from "../../../report/format.ts";
import { renderTable } from "../../../report/table.ts";

/** Elects for the topics that are named, or for all. Throws DpError `unknown-topic`. */
export async function electLeaders(
  cluster: Cluster,
  names: readonly string[],
): Promise<Election[]> {
  const topics =
    names.length > 0
      ? await describeTopicsOrFail(cluster, names)
      : (await cluster.metadata("all")).topics;
  const partitions = topics
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap(({ name: topic, partitions: own }) =>
      own
        .map(({ partition, leader, replicas: [preferred = -1] }) => {
          return { topic, partition, leader, preferred };
        })
        .toSorted((a, b) => a.partition - b.partition),
    );
  return electPreferredLeaders(cluster, partitions);
}

/** What changed and what failed, line by line; what was so already as a number. */
export function renderElections(elections: readonly Election[], { style, columns }: View): string {
  const already = elections.filter(({ outcome }) => outcome === "already").length;
  const told = elections.filter(({ outcome }) => outcome !== "already");
  const rest = `${formatCount(already, "partition")} had the preferred leader already\n`;
  if (told.length === 0) return rest;
  const table = renderTable({
    columns: [
      { header: "topic", shrink: true },
      { header: "partition", align: "right" },
      { header: "before", align: "right" },
      { header: "leader", align: "right" },
      { header: "outcome" },
    ],
    rows: told.map(({ topic, partition, before, leader, preferred, outcome, why }) => [
      topic,
      partition,
      before < 0 ? "-" : before,
      leader < 0 ? "-" : leader,
      outcome === "failed" ? `${preferred} not elected: ${why}` : outcome,
    ]),
    style,
    width: columns,
  });
  return already > 0 ? `${table}${rest}` : table;
}
