import { Command } from "commander";
import { DpError } from "../../../errors.ts";
import type { TopicWish } from "../../../kafka/topics/alter-topic.ts";
import { setAction, type CommandHost } from "../../../cli/invocation.ts";
import { withExamples } from "../../../cli/command-help.ts";
import { parseCountOption, withClusterOptions } from "../../../cli/options.ts";
import { partitionLimits } from "../../../config/units.ts";
import { withCluster } from "../../../app/cluster/with-cluster.ts";
import { collectConfig, type ConfigOption } from "../../../cli/topic-options.ts";

interface AlterOptions {
  readonly set?: ConfigOption;
  readonly delete?: readonly string[];
  readonly partitions?: number;
  readonly dryRun?: boolean;
}

export function topicAlterCommand(host: CommandHost): Command {
  const command = new Command("alter")
    .description("Prints the previous and the new value of everything that changes.")
    .argument("<topic>", "Name of the topic")
    .option(
      "--set <key=value>",
      "Set a topic config, e.g. `retention.ms=7d` (repeatable)",
      collectConfig,
    )
    .option("--delete <key>", "Reset a topic config to the broker default (repeatable)", collectKey)
    .option(
      "-p, --partitions <count>",
      "Increase the number of partitions to this total",
      parseCountOption(partitionLimits),
    )
    .option("--dry-run", "Validate on the brokers; change nothing");
  withClusterOptions(command, { setFlag: "own" });
  withExamples(command, [
    ["dp topic alter orders --set retention.ms=7d", "Keep records for 7 days"],
    [
      "dp topic alter orders --set max.message.bytes=2m --delete retention.ms",
      "Set one config and reset another one",
    ],
    ["dp topic alter orders -p 12", "Increase the topic to 12 partitions"],
    [
      "dp topic alter orders --set cleanup.policy=compact --dry-run",
      "Check whether the brokers would accept a change",
    ],
  ]);
  return setAction<AlterOptions>(
    command,
    host,
    async ({ shared, options, report, signal }, [topic = ""] = []) => {
      const wish = wishOf(options, topic);
      const { alterTopic, planAlteration } = await import("../../../kafka/topics/alter-topic.ts");
      const { dryRun = false } = options;
      const changes = await withCluster(
        { host, shared, signal, emit: report.emit },
        async (cluster) => {
          const plan = await planAlteration(cluster, topic, wish);
          for (const text of plan.warnings) {
            report.emit({ type: "note", level: "warning", text });
          }
          return alterTopic(cluster, topic, { plan, dryRun, signal });
        },
      );
      report.result({ topic, dryRun, changes }, () => {
        if (changes.length === 0) return `topic ${topic} is so already\n`;
        const lines = changes.map(
          ({ what, from, to }) => `  ${what} ${shown(from)} → ${shown(to)}\n`,
        );
        return `${dryRun ? "would change" : "changed"} topic ${topic}\n${lines.join("")}`;
      });
    },
  );
}

function shown(value: string | null): string {
  if (value === null) return "(the brokers' own)";
  return value === "" ? "(none)" : value;
}

function collectKey(key: string, before: readonly string[] = []): readonly string[] {
  return [...before, key];
}

function wishOf(options: AlterOptions, topic: string): TopicWish {
  const { set = {}, delete: keys = [], partitions } = options;
  const twice = keys.find((key) => key in set);
  if (twice !== undefined) {
    throw new DpError({
      code: "usage",
      message: `${twice} can't be both set and deleted`,
      next: `dp topic alter ${topic} --set ${twice}=${set[twice]}`,
    });
  }
  const edits: TopicWish["edits"] = [
    ...Object.entries(set).map(([key, value]) => ({ kind: "set", key, value }) as const),
    ...[...new Set(keys)].map((key) => ({ kind: "delete", key }) as const),
  ];
  if (edits.length === 0 && partitions === undefined) {
    throw new DpError({
      code: "usage",
      message: "nothing to change was given",
      why: "--set key=value, --delete key or -p N says what",
      next: `dp topic describe ${topic} --all shows what there is`,
    });
  }
  return { edits, partitions };
}
