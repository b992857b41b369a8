import {
  sumOf,
  type DescribedPartition,
  type DescribedTopic,
} from "../../../kafka/topics/describe-topics.ts";
import type { View } from "../../../report/choose.ts";
import { formatCount, formatSize } from "../../../report/format.ts";
import { renderTable } from "../../../report/table.ts";
import { formatConfigValue } from "../../../config/units.ts";

/** A topic as `dp topic describe --json` has it; null is what no broker says. */
interface TopicDocument {
  readonly name: string;
  readonly replication: number;
  readonly offsets: number | null;
  readonly bytes: number | null;
  readonly partitions: readonly PartitionDocument[];
  /** Those that the topic or its brokers set otherwise than Kafka; with `all` every key. */
  readonly config: Readonly<Record<string, string | null>>;
  /** Where the value of each of these keys comes from. */
  readonly configSources: Readonly<Record<string, string>>;
  readonly problems: readonly string[];
}

interface PartitionDocument extends Omit<DescribedPartition, "logStart" | "end" | "bytes"> {
  readonly logStart: number | null;
  readonly end: number | null;
  readonly bytes: number | null;
}

export function documentOf(
  topic: DescribedTopic,
  { all }: { readonly all: boolean },
): TopicDocument {
  const { name, replication, partitions } = topic;
  const shown = Object.entries(topic.config)
    .filter(([, { source }]) => all || source === "topic")
    .toSorted(([one], [other]) => (one < other ? -1 : 1));
  return {
    name,
    replication,
    ...sumOf(partitions),
    partitions: partitions.map(({ logStart = null, end = null, bytes = null, ...one }) => {
      return { ...one, logStart, end, bytes };
    }),
    config: Object.fromEntries(shown.map(([key, { value }]) => [key, value])),
    configSources: Object.fromEntries(shown.map(([key, { source }]) => [key, source])),
    problems: problemsOf(topic),
  };
}

/** In words, so that they can be read without the table, and without colour. */
function problemsOf({ partitions, config }: DescribedTopic): string[] {
  const minimum = Number(config["min.insync.replicas"]?.value ?? 1);
  return partitions.flatMap(({ partition, state, replicas, isr }) => {
    // Brokers don't ask for more than there are (Partition.effectiveMinIsr).
    const least = Math.min(minimum, replicas.length);
    const missing = replicas.filter((id) => !isr.includes(id));
    const brokers = `${missing.length === 1 ? "broker" : "brokers"} ${missing.join(", ")}`;
    if (state === "offline") {
      return [
        `partition ${partition} is offline: it has no leader; replicas on ${replicas.join(", ")}`,
      ];
    }
    if (isr.length < least) {
      return [
        `partition ${partition} has ${isr.length} of min.insync.replicas=${least} in sync, without ${brokers}: producers with acks=all are refused`,
      ];
    }
    return state === "under-replicated"
      ? [`partition ${partition} is under-replicated: ${brokers} not in sync`]
      : [];
  });
}

export function renderTopic(topic: TopicDocument, view: View): string {
  const { name, replication, offsets, bytes, partitions, config, problems } = topic;
  const { style, columns } = view;
  const isLong = Object.values(topic.configSources).some((source) => source !== "topic");
  const facts = [
    formatCount(partitions.length, "partition"),
    formatCount(replication, "replica"),
    ...(offsets === null ? [] : [formatCount(offsets, "offset")]),
    ...(bytes === null ? [] : [formatSize(bytes)]),
    ...(isLong
      ? []
      : Object.entries(config).map(([key, value]) => `${key}=${written(key, value)}`)),
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
      { header: "state" },
    ],
    rows: partitions.map((one) => [
      one.partition,
      one.leader < 0 ? "none" : one.leader,
      one.replicas.join(),
      one.isr.join(),
      one.logStart,
      one.end,
      one.bytes === null ? undefined : formatSize(one.bytes),
      one.state,
    ]),
    style,
    width: columns,
  });
  const marks = problems.map((problem) => `${style.red("!")} ${problem}\n`).join("");
  const configs = isLong ? `\n${renderConfigs(topic, view)}` : "";
  return `${style.bold(name)}: ${facts.join(", ")}\n${table}${marks}${configs}`;
}

/** Null is what brokers keep to themselves. */
function written(key: string, value: string | null): string | null {
  return value === null ? null : formatConfigValue(key, value);
}

function renderConfigs({ config, configSources }: TopicDocument, { style, columns }: View): string {
  return renderTable({
    columns: [{ header: "config" }, { header: "value", shrink: true }, { header: "from" }],
    rows: Object.entries(config).map(([key, value]) => [
      key,
      written(key, value),
      configSources[key],
    ]),
    style,
    width: columns,
  });
}
