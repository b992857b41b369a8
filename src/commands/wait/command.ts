import { Argument, Command, Option } from "commander";
import { runStep } from "../../docker/engine/step.ts";
import { formatDuration } from "../../report/format.ts";
import { setAction, type CommandHost } from "../../cli/invocation.ts";
import { exitCodes } from "../../cli/exit-codes.ts";
import { withExamples, withExitCodes } from "../../cli/command-help.ts";
import { parseCountOption, parseDurationOption, withSharedOptions } from "../../cli/options.ts";
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

const notes = `Without a word it waits until every check of dp health holds, and every service
of the file is there. A topic or group that does not exist yet is waited for.
Of a pipeline the latest run counts: one under way is waited for, one that has
ended decides at once, and where there is none the first one is waited for.
A topic's count is of committed records that it still has, not of offsets.`;

export function waitCommand(host: CommandHost): Command {
  const command = new Command("wait")
    .addArgument(
      new Argument("[what]", "only this").choices(["service", "topic", "group", "pipeline"]),
    )
    .argument("[name]", "its name (service kafka means all brokers)")
    .addOption(
      new Option("--timeout <duration>", "how long")
        .argParser(parseDurationOption(waitLimits))
        .default(defaultTimeoutMs, "60s"),
    )
    .option(
      "--count <records>",
      "of a topic: at least so many records (1)",
      parseCountOption(recordLimits),
    )
    .option(
      "--lag <records>",
      "of a group: at most so many behind (0)",
      parseCountOption(recordLimits),
    );
  withSharedOptions(command);
  command.description(notes);
  withExamples(command, [
    ["dp wait", "until the whole stack is healthy"],
    ["dp wait service warehouse --timeout 2m", "until one service answers"],
    ["dp wait topic orders --count 1000", "until the topic holds a thousand records"],
    ["dp wait group billing --lag 0", "until the group has read everything"],
    ["dp wait pipeline ingest", "until its latest run has succeeded"],
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
