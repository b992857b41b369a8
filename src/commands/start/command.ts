import { Command } from "commander";
import { formatDuration } from "../../report/format.ts";
import { setAction, type CommandHost } from "../../cli/invocation.ts";
import { withExamples } from "../../cli/command-help.ts";
import { parseDurationOption, withSharedOptions } from "../../cli/options.ts";
import { waitLimits } from "../../config/units.ts";
import { resumeStack, withResuming } from "../../app/deploy/resume.ts";

interface StartOptions {
  readonly timeout: number;
}

/** What `dp start --json` prints. */
interface StartDocument {
  readonly project: string;
  readonly started: readonly string[];
  readonly durationMs: number;
}

export function startCommand(host: CommandHost): Command {
  const command = new Command("start")
    .argument("[service...]", "only these and what they depend on (kafka means all brokers)")
    .option(
      "--timeout <duration>",
      "limit for readiness",
      parseDurationOption(waitLimits),
      180_000,
    );
  withSharedOptions(command);
  withExamples(command, [
    ["dp start", "what dp stop stopped, just as it was; dp up also applies changes"],
    ["dp start kafka-2", "one broker, and ZooKeeper if that does not run"],
    ["dp start --project shop", "works without the file"],
  ]);
  return setAction<StartOptions>(command, host, async (invocation, words = []) => {
    const { options, report } = invocation;
    const { project, services, durationMs } = await withResuming(invocation, (on) =>
      resumeStack({ ...on, words, timeoutMs: options.timeout }),
    );
    const document: StartDocument = { project, started: services, durationMs };
    report.result(document, ({ style }) => {
      const what = services.length > 0 ? `started ${services.join(", ")}` : "it runs already";
      return `${style.green("✓")} ${what}; ready after ${formatDuration(durationMs)}\n`;
    });
  });
}
