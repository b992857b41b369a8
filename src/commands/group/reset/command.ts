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
    .argument("<group>")
    .option(
      "-o, --offset <offset>",
      "start, end, offset N, +N from the start, -N from the end, or @TIME (@-1h, @2026-11-22T10:00)",
    )
    .option(
      "--shift <records>",
      "so many on, or back (-10), from where the group stands",
      parseShift,
    )
    .option(
      "-t, --topic <topic>",
      "only of this one; may be repeated, and makes a group that is not there",
      collect,
    )
    .option("-p, --partitions <list>", "only these, e.g. 0,2 or 0-5", parsePartitions)
    .option("--dry-run", "show what would be set, and set nothing")
    .option("-y, --yes", "don't ask; without it and without a terminal: the preview, then exit 2");
  withClusterOptions(command);
  withExamples(command, [
    ["dp group reset billing -o start", "read everything again; shows what changes, then asks"],
    ["dp group reset billing -o @-1h --topic orders -y", "the last hour of one topic; for scripts"],
    ["dp group reset billing --topic orders -p 2 --shift 1", "skip one record that can't be read"],
    ["dp group reset billing --shift -100 --dry-run", "what 100 records back would mean"],
    ["dp group reset audit --topic orders -o end -y", "a new group that begins at the end"],
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
