import { Argument, Command } from "commander";
import { runStep } from "../../docker/engine/step.ts";
import { formatDuration } from "../../report/format.ts";
import { setAction, type CommandHost } from "../../cli/invocation.ts";
import { exitCodes } from "../../cli/exit-codes.ts";
import { withExamples, withExitCodes } from "../../cli/command-help.ts";
import { durationOption, parseCountOption, withSharedOptions } from "../../cli/options.ts";
import { recordLimits, waitLimits } from "../../config/units.ts";
import { chooseCondition, readWords } from "./choose.ts";
import { waitFor } from "./condition.ts";

interface WaitOptions {
  readonly timeout: number;
  readonly count?: number;
  readonly lag?: number;
}

interface WaitDocument {
  readonly project: string;
  /** What was waited for: `topic orders`; the project for the whole stack. */
  readonly target: string;
  readonly met: boolean;
  /** What is there when it is met, what is missing otherwise. */
  readonly detail: string;
  readonly durationMs: number;
}

const defaultTimeoutMs = 60_000;

export function waitCommand(host: CommandHost): Command {
  const command = new Command("wait")
    .description(
      "Without arguments, waits until all services exist and all checks of `dp health` pass. Topics and groups that do not exist yet are waited for, too. For a pipeline, the latest run counts, and an active run is followed to its end. Without a run, the first one is waited for.",
    )
    .addArgument(
      new Argument("[what]", "Kind of resource").choices(["service", "topic", "group", "pipeline"]),
    )
    .argument("[name]", "Name of the resource (service kafka: all brokers)")
    .addOption(
      durationOption("--timeout <duration>", "Maximum time to wait", {
        limits: waitLimits,
        defaultMs: defaultTimeoutMs,
      }),
    )
    .option(
      "--count <records>",
      "For a topic: minimum number of committed records in it (default: 1)",
      parseCountOption(recordLimits),
    )
    .option(
      "--lag <records>",
      "For a group: maximum lag in records (default: 0)",
      parseCountOption(recordLimits),
    );
  withSharedOptions(command);
  withExamples(command, [
    ["dp wait", "Wait until the whole stack is healthy"],
    ["dp wait service warehouse --timeout 2m", "Wait until one service is ready"],
    ["dp wait topic orders --count 1000", "Wait until a topic has 1000 records"],
    ["dp wait group billing --lag 0", "Wait until a group has read all records"],
    ["dp wait pipeline ingest", "Wait until the latest run of a pipeline has succeeded"],
  ]);
  withExitCodes(command, [
    [0, "The condition is met"],
    [1, "The condition could not be checked, e.g. because no broker is reachable"],
    [10, "The condition was not met in time, or the latest run failed"],
  ]);
  return setAction<WaitOptions>(
    command,
    host,
    async ({ shared, options, report, signal }, [what] = [], [name] = []) => {
      const { timeout: timeoutMs, count, lag } = options;
      const words = readWords({ what, name, count, lag });
      const { project, condition } = await chooseCondition({ host, shared, words });
      const { target } = condition;
      const onProgress = (text: string): void => report.emit({ type: "progress", target, text });
      const startedAt = performance.now();
      const { met, text } = await runStep({
        emit: report.emit,
        action: "wait for",
        target,
        cause: `at most ${formatDuration(timeoutMs)}`,
        work: () => waitFor(condition, { timeoutMs, signal, onProgress }),
        succeeded: (verdict) => verdict.met,
      }).finally(() => condition.close?.());
      const durationMs = Math.round(performance.now() - startedAt);
      const document: WaitDocument = { project, target, met, detail: text, durationMs };
      report.result(document, ({ style }) => {
        const sign = met ? style.green("✓") : style.red("✗");
        return `${sign} ${style.bold(target)}: ${text}\n`;
      });
      return met ? exitCodes.done : exitCodes.answeredNo;
    },
  );
}
