import { Command } from "commander";
import { tellOtherEngine } from "../../../app/stack/engine.ts";
import { setAction, type CommandHost } from "../../../cli/invocation.ts";
import { withExamples, withSharedOptions } from "../../../cli/options.ts";
import { findTarget } from "../../../app/pipelines/target.ts";

interface CancelOptions {
  readonly run?: string;
}

/** Airflow lists a hundred at most. */
const limit = 100;

export function pipelineCancelCommand(host: CommandHost): Command {
  const command = new Command("cancel")
    .argument("<name>", "a pipeline of the file, or a hand-written DAG")
    .option("--run <id>", "only this run (default: all that run or wait)");
  withSharedOptions(command);
  withExamples(command, [
    ["dp pipeline cancel orders", "ask Airflow to end all its runs"],
    ["dp pipeline cancel orders --run ID", "only that one"],
    ["dp pipeline runs orders", "which there are"],
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
    const cancelled = await withAirflow(found, async ({ client }) => {
      const of = { client, stack, name, signal };
      const runs =
        options.run === undefined
          ? [
              ...(await runsOf(of, { limit, state: "running" })),
              ...(await runsOf(of, { limit, state: "queued" })),
            ]
          : [await requireRun(of, options.run)];
      const active = runs.filter(({ state }) => state === "running" || state === "queued");
      for (const { id } of active) await stopRun(client, { dag: name, id }, signal);
      return active.map(({ id }) => id);
    });
    report.result({ pipeline: name, cancelled }, () =>
      cancelled.length === 0
        ? `no run of ${name} is under way\n`
        : cancelled.map((id) => `Airflow was asked to end ${id}\n`).join(""),
    );
  });
}
