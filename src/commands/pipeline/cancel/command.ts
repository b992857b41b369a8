import { Command } from "commander";
import type { Stopped } from "../../../airflow/runs.ts";
import { tellOtherEngine } from "../../../app/stack/engine.ts";
import { setAction, type CommandHost } from "../../../cli/invocation.ts";
import { withExamples } from "../../../cli/command-help.ts";
import { withSharedOptions } from "../../../cli/options.ts";
import { findTarget } from "../../../app/pipelines/target.ts";

interface CancelOptions {
  readonly run?: string;
}

export function pipelineCancelCommand(host: CommandHost): Command {
  const command = new Command("cancel")
    .argument("<name>", "Pipeline in pipeline.yaml, or a custom DAG")
    .option("--run <id>", "ID of the run to cancel (default: all active runs)");
  withSharedOptions(command);
  withExamples(command, [
    ["dp pipeline cancel orders", "Cancel all active runs of a pipeline"],
    ["dp pipeline cancel orders --run dp__20261123T022629Z_v89z", "Cancel one run"],
    ["dp pipeline cancel orders --json", "Print the canceled runs as JSON"],
  ]);
  return setAction<CancelOptions>(command, host, async (invocation, [name = ""] = []) => {
    const { options, report, signal } = invocation;
    const { stack, found } = await findTarget(invocation);
    tellOtherEngine(found.engine, report.emit);
    const [{ withAirflow }, { requireRun, runsOf }, { stopRun }] = await Promise.all([
      import("../../../app/pipelines/airflow.ts"),
      import("../../../app/pipelines/runs.ts"),
      import("../../../airflow/runs.ts"),
    ]);
    const stopped = await withAirflow(found, async ({ client }) => {
      const of = { client, stack, name, signal };
      // In this order a run that starts meanwhile is in both lists, and not in none.
      const runs =
        options.run === undefined
          ? [
              ...(await runsOf(of, { state: "queued" })),
              ...(await runsOf(of, { state: "running" })),
            ]
          : [await requireRun(of, options.run)];
      const outcomes: { readonly run: string; readonly stopped: Stopped }[] = [];
      for (const id of new Set(runs.map((run) => run.id))) {
        outcomes.push({ run: id, stopped: await stopRun(client, { dag: name, id }, signal) });
      }
      return outcomes;
    });
    const cancelled = stopped.flatMap(({ run, stopped: { kind } }) =>
      kind === "asked" ? [run] : [],
    );
    const ended = stopped.flatMap(({ run, stopped: one }) =>
      one.kind === "ended" ? [{ run, state: one.state }] : [],
    );
    report.result({ pipeline: name, cancelled, ended }, () => {
      const lines = [
        ...cancelled.map((run) => `Airflow was asked to end ${run}\n`),
        ...ended.map(({ run, state }) => `${run} had already ended: ${state}\n`),
      ];
      return lines.length === 0 ? `${name} has no active run\n` : lines.join("");
    });
  });
}
