import { Command } from "commander";
import { confirm } from "../../../cli/confirm.ts";
import { exitCodes } from "../../../cli/exit-codes.ts";
import { setAction, type CommandHost } from "../../../cli/invocation.ts";
import { withExamples } from "../../../cli/command-help.ts";
import { withClusterOptions } from "../../../cli/options.ts";
import { withCluster } from "../../../app/cluster/with-cluster.ts";

interface DeleteOptions {
  readonly yes?: boolean;
}

const goneMs = 30_000;

export function topicDeleteCommand(host: CommandHost): Command {
  const command = new Command("delete")
    .argument("<topic...>", "Names of the topics")
    .option("-y, --yes", "Skip the confirmation");
  withClusterOptions(command);
  withExamples(command, [
    ["dp topic delete orders", "Delete a topic after confirmation"],
    ["dp topic delete orders payments -y", "Delete two topics without confirmation"],
    [
      "dp topic delete orders --brokers kafka.example.com:9092",
      "Delete a topic of an external cluster",
    ],
  ]);
  return setAction<DeleteOptions>(
    command,
    host,
    async ({ shared, options, report, signal }, words = []) => {
      const names = [...new Set(words)];
      const [{ deleteTopics }, { describeTopicsOrFail }, { waitUntilGone }, { joinFailures }] =
        await Promise.all([
          import("../../../kafka/topics/admin.ts"),
          import("../../../kafka/read/log-ranges.ts"),
          import("../../../kafka/topics/settled.ts"),
          import("../../../app/topics/failures.ts"),
        ]);
      return withCluster({ host, shared, signal, emit: report.emit }, async (cluster) => {
        const found = await describeTopicsOrFail(cluster, names);
        const own = found.filter(({ internal }) => internal).map(({ name }) => name);
        const warning =
          own.length > 0 ? `${own.join(", ")}: Kafka keeps its own state there\n` : "";
        const question = {
          message: `${warning}Delete ${names.join(", ")} with all records?`,
          what: `deleting ${names.join(", ")}`,
          command: `dp topic delete ${names.join(" ")} -y`,
        };
        const answer = options.yes === true ? "yes" : await confirm(host, question);
        if (answer === "cancelled") return exitCodes.interrupted;
        if (answer === "no") {
          report.emit({ type: "note", level: "info", text: "nothing was deleted" });
          return exitCodes.failed;
        }
        const { deleted, failures } = await deleteTopics(cluster, names);
        for (const name of deleted) {
          await waitUntilGone(name, { cluster, timeoutMs: goneMs, signal });
        }
        if (deleted.length > 0) {
          report.result({ deleted }, () =>
            deleted.map((name) => `deleted topic ${name}\n`).join(""),
          );
        }
        const failure = joinFailures(failures);
        if (failure !== undefined) throw failure;
        return exitCodes.done;
      });
    },
  );
}
