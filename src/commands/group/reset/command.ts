import { Command } from "commander";
import { setAction, type CommandHost } from "../../../cli/invocation.ts";
import { withExamples } from "../../../cli/command-help.ts";
import {
  collect,
  optionParser,
  parsePartitions,
  withClusterOptions,
} from "../../../cli/options.ts";
import { parseInteger, recordLimits } from "../../../config/units.ts";
import { withCluster } from "../../../app/cluster/with-cluster.ts";

interface ResetOptions {
  readonly topic?: readonly string[];
  readonly partitions?: readonly number[];
  readonly offset?: string;
  readonly shift?: number;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
}

export function groupResetCommand(host: CommandHost): Command {
  const command = new Command("reset")
    .description(
      "Shows which records will be skipped or read again, and asks for confirmation. Groups with active members are refused. A missing group is created if `--topic` is given.",
    )
    .argument("<group>", "Name of the group")
    .option(
      "-o, --offset <offset>",
      "New offset: `start`, `end`, N, `+N` from the start, `-N` from the end, or `@TIME`, e.g. `@-1h` or `@2026-11-22T10:00`",
    )
    .option(
      "--shift <records>",
      "Number of records to shift the committed offsets by, e.g. `1` or `-10`",
      parseShift,
    )
    .option(
      "-t, --topic <topic>",
      "Topic to reset, by default all topics of the group (repeatable)",
      collect,
    )
    .option(
      "-p, --partitions <list>",
      "Partitions to reset, e.g. `0,2` or `0-5` (default: all)",
      parsePartitions,
    )
    .option("--dry-run", "Show the new offsets; change nothing")
    .option("-y, --yes", "Skip the confirmation");
  withClusterOptions(command);
  withExamples(command, [
    ["dp group reset billing -o start", "Read all records again, after confirmation"],
    [
      "dp group reset billing -o @-1h --topic orders -y",
      "Read the last hour of one topic again, without confirmation",
    ],
    [
      "dp group reset billing --topic orders -p 2 --shift 1",
      "Skip one record that the consumer can't process",
    ],
    ["dp group reset billing --shift -100 --dry-run", "Show the effect of going back 100 records"],
    [
      "dp group reset audit --topic orders -o end -y",
      "Create a group that starts at the end of a topic",
    ],
  ]);
  return setAction<ResetOptions>(
    command,
    host,
    async ({ shared, options, report, signal }, [group = ""] = []) => {
      const { readResetTo, resetGroup } = await import("./reset.ts");
      const { topic: topics = [], partitions, offset, shift, dryRun, yes } = options;
      const given = {
        ...(offset !== undefined && { offset }),
        ...(shift !== undefined && { shift }),
      };
      const request = {
        group,
        topics: [...new Set(topics)],
        partitions,
        to: readResetTo(given, report),
        consent: dryRun === true ? "preview-only" : yes === true ? "given" : "ask",
        command: commandFor({ ...options, group }),
      } as const;
      const at = { host, shared, signal, emit: report.emit };
      return withCluster(at, (cluster) =>
        resetGroup(request, { host, cluster, report, signal, json: shared.json }),
      );
    },
  );
}

function commandFor(given: ResetOptions & { readonly group: string }): string {
  const { group, topic = [], partitions, offset, shift } = given;
  return [
    `dp group reset ${group}`,
    ...topic.map((name) => `--topic ${name}`),
    ...(partitions === undefined ? [] : [`-p ${partitions.join()}`]),
    ...(offset === undefined ? [] : [`-o ${offset}`]),
    ...(shift === undefined ? [] : [`--shift ${shift}`]),
    "-y",
  ].join(" ");
}

const parseShift = optionParser(
  (text) => parseInteger(text, { least: -recordLimits.most, most: recordLimits.most }) || undefined,
  `a number of records to shift by, e.g. 1 or -10, at most ${recordLimits.most}`,
);
