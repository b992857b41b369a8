import { Command } from "commander";
import { confirm } from "../../../cli/confirm.ts";
import { setAction, type CommandHost } from "../../../cli/invocation.ts";
import { exitCodes } from "../../../cli/exit-codes.ts";
import { withExamples } from "../../../cli/command-help.ts";
import { collect, withClusterOptions } from "../../../cli/options.ts";
import { withCluster } from "../../../app/cluster/with-cluster.ts";

interface DeleteOptions {
  readonly topic?: readonly string[];
  readonly yes?: boolean;
}

export function groupDeleteCommand(host: CommandHost): Command {
  const command = new Command("delete")
    .description("Asks for confirmation. Groups with active members are refused.")
    .argument("<group...>", "Names of the groups")
    .option("-t, --topic <topic>", "Delete only the offsets of this topic (repeatable)", collect)
    .option("-y, --yes", "Skip the confirmation");
  withClusterOptions(command);
  withExamples(command, [
    ["dp group delete billing", "Delete a group after confirmation"],
    ["dp group delete billing audit -y", "Delete two groups without confirmation"],
    [
      "dp group delete billing --topic orders",
      "Delete the offsets of one topic, and keep those of other topics",
    ],
  ]);
  return setAction<DeleteOptions>(
    command,
    host,
    async ({ shared, options, report, signal }, words = []) => {
      const names = [...new Set(words)];
      const topics = [...new Set(options.topic)];
      const { deleteGroups, refuseActiveGroups } = await import("./delete.ts");
      return withCluster({ host, shared, signal, emit: report.emit }, async (cluster) => {
        await refuseActiveGroups(cluster, { names, topics });
        const what = topics.length === 0 ? "" : `the offsets of ${topics.join(", ")} of `;
        const question = {
          message:
            topics.length === 0
              ? `Delete ${names.join(", ")} with all offsets?`
              : `Delete ${what}${names.join(", ")}?`,
          what: `deleting ${what}${names.join(", ")}`,
          command: `${["dp group delete", ...names, ...topics.map((name) => `--topic ${name}`)].join(" ")} -y`,
        };
        const answer = options.yes === true ? "yes" : await confirm(host, question);
        if (answer === "cancelled") return exitCodes.interrupted;
        if (answer === "no") {
          report.emit({ type: "note", level: "info", text: "nothing was deleted" });
          return exitCodes.failed;
        }
        return deleteGroups({ cluster, names, topics, report });
      });
    },
  );
}
