import { Command } from "commander";
import { DpError } from "../../../errors.ts";
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
      return withStackCluster({ host, shared, signal }, async (cluster) => {
        await describeTopicsOrFail(cluster, names);
        const answer = options.yes === true ? "yes" : await confirm(host, names);
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

/** Asks on the terminal; `cancelled` is Ctrl-C or Esc. Throws DpError `usage` when there is none. */
async function confirm(host: Host, names: readonly string[]): Promise<"yes" | "no" | "cancelled"> {
  const command = `dp topic delete ${names.join(" ")} -y`;
  if (!host.stdin.isTTY || !host.stderr.isTTY) {
    throw new DpError({
      code: "usage",
      message: `deleting ${names.join(", ")} needs consent`,
      why: "there is no terminal to ask on",
      next: command,
    });
  }
  const prompts = await import("@clack/prompts");
  const answer = await prompts.confirm({
    message: `Delete ${names.join(", ")} with all records?`,
    initialValue: false,
    output: host.stderr,
  });
  if (prompts.isCancel(answer)) return "cancelled";
  return answer ? "yes" : "no";
}
