import { Command } from "commander";
import { DpError } from "../../../errors.ts";
import { confirm } from "../../../cli/confirm.ts";
import { setAction, type CommandHost } from "../../../cli/invocation.ts";
import { exitCodes } from "../../../cli/exit-codes.ts";
import { withExamples, withExitCodes } from "../../../cli/command-help.ts";
import { withClusterOptions } from "../../../cli/options.ts";
import { withCluster } from "../../../app/cluster/with-cluster.ts";
import { requireStack } from "../../../app/stack/stack-file.ts";

interface ApplyOptions {
  readonly dryRun?: boolean;
  readonly exitCode?: boolean;
  readonly prune?: boolean;
  readonly yes?: boolean;
}

export function topicApplyCommand(host: CommandHost): Command {
  const command = new Command("apply")
    .description(
      "Changes that could lose or move records are refused. The error names the command that makes such a change.",
    )
    .option("--dry-run", "Show the differences and validate them on the brokers; change nothing")
    .option("--exit-code", "With `--dry-run`: exit with code 3 if changes are pending")
    .option("--prune", "Delete topics that are not in pipeline.yaml, after confirmation")
    .option("-y, --yes", "Skip the confirmation of `--prune`");
  withClusterOptions(command);
  withExamples(command, [
    ["dp topic apply", "Create and change the topics of pipeline.yaml"],
    ["dp topic apply --dry-run", "Show each difference without changing anything"],
    [
      "dp topic apply --dry-run --exit-code",
      "Fail a CI job if the topics differ from pipeline.yaml",
    ],
    ["dp topic apply --prune -y", "Delete all topics that are not in pipeline.yaml as well"],
  ]);
  withExitCodes(command, [
    [0, "The topics match pipeline.yaml"],
    [1, "A change failed, or you answered no"],
    [3, "Changes are pending (only with `--dry-run --exit-code`)"],
  ]);
  return setAction<ApplyOptions>(command, host, async ({ shared, options, report, signal }) => {
    const { dryRun = false, exitCode = false, prune = false } = options;
    if (exitCode && !dryRun) throw exitCodeAlone();
    const [{ applyPlan, checkPlan, planApply }, shows] = await Promise.all([
      import("./apply.ts"),
      import("../../../app/topics/changes.ts"),
    ]);
    const { stack, fromVariables } = await requireStack(host, shared, report);
    const { topics: wanted } = stack;
    const emit = dryRun ? {} : { emit: report.emit };
    return withCluster({ host, shared, signal, readsFile: true, ...emit }, async (cluster) => {
      const plan = await planApply({ cluster, wanted, prune });
      const shown = shows.shownChanges(plan, fromVariables);
      if (dryRun) {
        await checkPlan(cluster, plan);
        report.result({ dryRun, changes: shown }, (view) => shows.renderChanges(shown, view));
        return exitCode && plan.length > 0 ? exitCodes.changesPending : exitCodes.done;
      }
      const doomed = plan.filter(({ kind }) => kind === "delete").map(({ topic }) => topic);
      if (doomed.length > 0 && options.yes !== true) {
        const answer = await confirm(host, {
          message: `${doomed.join("\n")}\nDelete ${doomed.length === 1 ? "this topic, which" : "these topics, which"} the file does not name, with all records?`,
          what: `deleting ${doomed.join(", ")}`,
          command: "dp topic apply --prune -y",
        });
        if (answer === "cancelled") return exitCodes.interrupted;
        if (answer === "no") {
          report.emit({ type: "note", level: "info", text: "nothing was changed" });
          return exitCodes.failed;
        }
      }
      const told = shows.tellTopicChanges(report, fromVariables);
      const done = await applyPlan({ cluster, wanted, plan, signal, told });
      const changes = shows.shownChanges(done, fromVariables);
      for (const { name } of wanted.filter(({ seed }) => seed !== undefined)) {
        const isCreated = changes.some(({ kind, topic }) => kind === "create" && topic === name);
        const text = `${name} is empty: dp up loads its seed`;
        if (isCreated) report.emit({ type: "note", level: "info", text });
      }
      report.result({ dryRun, changes }, (view) => shows.renderChanges(changes, view));
      shows.failOnRefused(changes, "");
      return exitCodes.done;
    });
  });
}

function exitCodeAlone(): DpError {
  return new DpError({
    code: "usage",
    message: "--exit-code goes with --dry-run",
    why: "without it the topics are changed, and nothing is pending afterwards",
    next: "dp topic apply --dry-run --exit-code",
  });
}
