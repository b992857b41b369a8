import { Command } from "commander";
import { confirm } from "../../confirm.ts";
import { exitCodes } from "../../exit-codes.ts";
import { setAction, type Host } from "../../context.ts";
import { withExamples, withSharedOptions } from "../../options.ts";
import { withStackCluster } from "../../stack-cluster.ts";

interface DeleteOptions {
  readonly yes?: boolean;
}

const goneMs = 30_000;

export function topicDeleteCommand(host: Host): Command {
  const command = new Command("delete").argument("<topic...>").option("-y, --yes", "don't ask");
  withSharedOptions(command);
  withExamples(command, [
    ["dp topic delete orders", "asks first"],
    ["dp topic delete orders payments -y", "for scripts"],
  ]);
  return setAction<DeleteOptions>(
    command,
    host,
    async ({ shared, options, report, signal }, words = []) => {
      const names = [...new Set(words)];
      const [{ deleteTopic }, { describeTopicsOrFail }, { waitUntilGone }] = await Promise.all([
        import("../../../kafka/admin.ts"),
        import("../../../kafka/log-ranges.ts"),
        import("../../../kafka/settled.ts"),
      ]);
      return withStackCluster({ host, shared, signal, emit: report.emit }, async (cluster) => {
        await describeTopicsOrFail(cluster, names);
        const question = {
          message: `Delete ${names.join(", ")} with all records?`,
          what: `deleting ${names.join(", ")}`,
          command: `dp topic delete ${names.join(" ")} -y`,
        };
        const answer = options.yes === true ? "yes" : await confirm(host, question);
        if (answer === "cancelled") return exitCodes.interrupted;
        if (answer === "no") {
          report.emit({ type: "note", level: "info", text: "nothing was deleted" });
          return exitCodes.failed;
        }
        for (const name of names) {
          await deleteTopic(cluster, name);
          await waitUntilGone(name, { cluster, timeoutMs: goneMs, signal });
        }
        report.result({ deleted: names }, () =>
          names.map((name) => `deleted topic ${name}\n`).join(""),
        );
        return exitCodes.done;
      });
    },
  );
}
