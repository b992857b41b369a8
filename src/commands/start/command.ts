import { Command } from "commander";
import { formatDuration } from "../../report/format.ts";
import { setAction, type CommandHost } from "../../cli/invocation.ts";
import { withExamples } from "../../cli/command-help.ts";
import { readinessTimeout, withSharedOptions } from "../../cli/options.ts";
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
    .description(
      "Starts the existing containers and waits until they are ready. Run `dp up` to apply changes of pipeline.yaml as well.",
    )
    .argument(
      "[service...]",
      "Services to start, with the services they depend on (default: all; kafka: all brokers)",
    )
    .addOption(readinessTimeout());
  withSharedOptions(command);
  withExamples(command, [
    ["dp start", "Start the services that dp stop stopped"],
    ["dp start kafka-2", "Start one broker, and ZooKeeper if it is stopped"],
    ["dp start --project shop", "Start another stack from any folder"],
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
