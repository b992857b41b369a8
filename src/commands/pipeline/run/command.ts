import { Command } from "commander";
import { renderRun } from "../../../report/pipeline-run.ts";
import { setAction, type Invocation, type CommandHost } from "../../../cli/invocation.ts";
import { tellOtherEngine } from "../../../app/stack/engine.ts";
import { exitCodes, type ExitCode } from "../../../cli/exit-codes.ts";
import { withExamples, withExitCodes } from "../../../cli/command-help.ts";
import { parseDurationOption, withSharedOptions } from "../../../cli/options.ts";
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
    .argument("<name>", "a pipeline of the file, or a hand-written DAG")
    .option("--param <name=value>", "a parameter of this run (again for more)", collect)
    .option("--local", "without Airflow: in a container of its own that goes afterwards")
    .option("-d, --detach", "return when the run has been started")
    .option(
      "--timeout <duration>",
      "limit for the wait; Airflow goes on",
      parseDurationOption(waitLimits),
    );
  withSharedOptions(command);
  withExamples(command, [
    ["dp pipeline run orders", "send what changed, run it, show its log and what came of it"],
    ["dp pipeline run orders --param since=2026-11-01", "with a parameter of the file"],
    ["dp pipeline run orders --local", "the same steps without Airflow"],
    ["dp pipeline run orders --detach", "start it only; dp pipeline logs orders -f shows it"],
    ["dp pipeline run orders --json", "one event a line, the result last; exit 10 when it failed"],
  ]);
  withExitCodes(command, [
    [0, "The run succeeded; with --detach: the run was started"],
    [1, "The run could not be started, or its end could not be observed"],
    [10, "The run failed"],
  ]);
  return setAction<RunOptions>(command, host, run, { events: true });
}

async function run(
  { host, shared, options, report, signal }: Invocation<RunOptions>,
  [name = ""]: string[] = [],
): Promise<ExitCode> {
  const { stack, found } = await findTarget({ host, shared, report });
  tellOtherEngine(found.engine, report.emit);
  const { param: words = [], timeout: timeoutMs, detach, local } = options;
  const request = { host, stack, found, name, words, timeoutMs, report, signal };
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
