import { Command } from "commander";
import { renderRun } from "../../../report/pipeline-run.ts";
import { setAction, type Invocation, type CommandHost } from "../../../cli/invocation.ts";
import { tellOtherEngine } from "../../../app/stack/engine.ts";
import { exitCodes, type ExitCode } from "../../../cli/exit-codes.ts";
import { withExamples, withExitCodes } from "../../../cli/command-help.ts";
import { durationOption, withSharedOptions } from "../../../cli/options.ts";
import { waitLimits } from "../../../config/units.ts";
import { findTarget } from "../../../app/pipelines/target.ts";

interface RunOptions {
  readonly param?: readonly string[];
  readonly local?: boolean;
  readonly detach?: boolean;
  readonly timeout?: number;
}

export function pipelineRunCommand(host: CommandHost): Command {
  const command = new Command("run")
    .description(
      "Deploys the pipeline to Airflow if it changed, starts a run, and prints states and log lines until the run ends. The result shows how many records went into and out of each step. Ctrl-C cancels the run.",
    )
    .argument("<name>", "Pipeline in pipeline.yaml, or a custom DAG")
    .option("--param <name=value>", "Parameter of this run (repeatable)", collect)
    .option("--local", "Run without Airflow, in a temporary container")
    .option("-d, --detach", "Return when the run has started")
    .addOption(
      durationOption(
        "--timeout <duration>",
        "Maximum time to wait for the end of the run; Airflow continues it (default: no limit)",
        { limits: waitLimits },
      ),
    );
  withSharedOptions(command);
  withExamples(command, [
    ["dp pipeline run orders", "Run a pipeline and follow it until it ends"],
    ["dp pipeline run orders --param since=2026-11-01", "Set a parameter of the pipeline"],
    ["dp pipeline run orders --local", "Run the same steps without Airflow"],
    ["dp pipeline run orders --detach", "Start a run without following it"],
    ["dp pipeline run orders --json", "Print one JSON event per line, and the result last"],
  ]);
  withExitCodes(command, [
    [0, "The run succeeded; with `--detach`: the run was started"],
    [1, "The run could not be started, or its end could not be observed"],
    [10, "The run failed"],
  ]);
  return setAction<RunOptions>(command, host, run, { events: true });
}

async function run(
  { host, shared, options, report, signal }: Invocation<RunOptions>,
  [name = ""]: string[] = [],
): Promise<ExitCode> {
  const { stack, found, withPlace } = await findTarget({ host, shared, report });
  tellOtherEngine(found.engine, report.emit);
  const { param: words = [], timeout: timeoutMs, detach, local } = options;
  const request = { host, stack, found, withPlace, name, words, timeoutMs, report, signal };
  const { runByAirflow, runHere, startByAirflow } = await import("./run.ts");
  const isLocal = local === true || stack.airflow === undefined;
  if (detach === true && !isLocal) {
    const started = await startByAirflow(request);
    const text = `${name} runs as ${started.run}; dp pipeline logs ${name} -f\n`;
    report.result(started, () => text);
    return exitCodes.done;
  }
  const result = await (isLocal ? runHere(request) : runByAirflow(request));
  const ok = result.state === "succeeded";
  const hasShownLines = !shared.quiet;
  report.result(result, (view) => renderRun(result, { ...view, hasShownLines }), { ok });
  return ok ? exitCodes.done : exitCodes.answeredNo;
}

function collect(word: string, before: readonly string[] = []): string[] {
  return [...before, word];
}
