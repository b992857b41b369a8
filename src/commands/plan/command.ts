import { Command } from "commander";
import { observeStack } from "../../docker/stack/observe.ts";
import { formatChange, formatOps } from "../../stack/plan.ts";
import { claimFile } from "../../app/stack/running.ts";
import { setAction, type CommandHost } from "../../cli/invocation.ts";
import { connect } from "../../app/stack/engine.ts";
import { exitCodes } from "../../cli/exit-codes.ts";
import { findStackImages, toPlanned, toStepImages } from "../../app/images/images.ts";
import { withExamples, withExitCodes } from "../../cli/command-help.ts";
import { withSharedOptions } from "../../cli/options.ts";
import { plannedEngineSocket } from "../../docker/stack/runner-socket.ts";
import { planPipelines } from "../../app/deploy/plan-pipelines.ts";
import { planUp } from "../../app/deploy/planning.ts";
import { requireStack } from "../../app/stack/stack-file.ts";
import { previewTopics } from "../../app/deploy/topics-phase.ts";

interface PlanOptions {
  readonly exitCode?: boolean;
}

export function planCommand(host: CommandHost): Command {
  const command = new Command("plan")
    .description(
      "Compares pipeline.yaml with the containers, topics, and pipelines that exist, and lists each change with its cause. Nothing is changed.",
    )
    .argument("[service...]", "Services to plan, with the services they depend on (default: all)")
    .option("--exit-code", "Exit with code 3 if changes are pending");
  withSharedOptions(command);
  withExamples(command, [
    ["dp plan", "List the changes, each with its cause"],
    ["dp plan kafka", "Plan only the brokers and their dependencies"],
    ["dp plan --exit-code", "Fail a CI job if the stack differs from pipeline.yaml"],
    ["dp plan --verbose", "List every operation on the engine as well, in order"],
  ]);
  withExitCodes(command, [
    [0, "The plan was printed; with `--exit-code`: nothing would change"],
    [1, "The plan could not be made"],
    [3, "Changes are pending (only with `--exit-code`)"],
  ]);
  return setAction<PlanOptions>(
    command,
    host,
    async ({ shared, options, report, signal }, services = []) => {
      const { stack, fromVariables } = await requireStack(host, shared, report);
      const engine = await connect(host, shared);
      const before = await observeStack(engine, stack.name, signal);
      const adopted = claimFile({
        project: stack.name,
        file: stack.file,
        observed: before,
        projectGiven: shared.project !== undefined,
      });
      const images = await findStackImages({ engine, stack, signal });
      const plannedImages = new Map(images.map((image) => [image.key, toPlanned(image)]));
      const sendable = { ...stack, stepImages: toStepImages(plannedImages, stack) };
      const planned = await planUp({
        engine,
        stack,
        observed: before,
        images: plannedImages,
        engineSocket: plannedEngineSocket({ stack, engine, observed: before }),
        services,
        recreate: [],
        signal,
      });
      const { plan, settled, observed } = planned;
      const [topics, pipelines] = await Promise.all([
        previewTopics({ settled, observed, fromVariables, signal }),
        planPipelines({ stack: sendable, engine, planned, signal }),
      ]);
      const notes = [
        ...(adopted ? [adopted] : []),
        ...images.flatMap(({ found, expected }) =>
          found ? [] : [`image ${expected.ref} is not here yet: dp up gets or builds it`],
        ),
        ...plan.notes,
        ...topics.notes,
      ];
      const count = plan.changes.length + topics.changes.length + pipelines.length;
      const document = {
        project: stack.name,
        pending: count > 0,
        changes: plan.changes,
        topics: topics.changes,
        pipelines,
        notes,
      };
      report.result(document, ({ style }) => {
        const lines = [
          ...plan.changes.map(formatChange),
          ...topics.lines,
          ...pipelines.map(formatChange),
        ];
        const head =
          count === 0
            ? `${style.bold(stack.name)} is as the file says`
            : `${style.bold(stack.name)}: ${count} ${count === 1 ? "change" : "changes"}`;
        const body = [
          head,
          ...lines.map((line) => `  ${line}`),
          ...notes.map((note) => `  note: ${note}`),
        ];
        const ops = shared.verbose ? `\n${formatOps(plan.ops)}` : "";
        return `${body.join("\n")}\n${ops}`;
      });
      return options.exitCode && count > 0 ? exitCodes.changesPending : exitCodes.done;
    },
  );
}
