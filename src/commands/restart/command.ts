import { Command } from "commander";
import { observeStack } from "../../docker/stack/observe.ts";
import { stopContainers } from "../../docker/stack/stop.ts";
import { formatDuration } from "../../report/format.ts";
import { restartBatches } from "../../stack/restart-batches.ts";
import { setAction, type CommandHost } from "../../cli/invocation.ts";
import { withExamples } from "../../cli/command-help.ts";
import { readinessTimeout, withSharedOptions } from "../../cli/options.ts";
import {
  refuseUnstartable,
  resumeStack,
  withResuming,
  type ResumeStackInput,
} from "../../app/deploy/resume.ts";

interface RestartOptions {
  readonly timeout: number;
}

/** What `dp restart --json` prints. */
interface RestartDocument {
  readonly project: string;
  /** In the order in which they were started again. */
  readonly restarted: readonly string[];
  readonly durationMs: number;
}

export function restartCommand(host: CommandHost): Command {
  const command = new Command("restart")
    .description(
      "Restarts the existing containers. Without arguments, the whole stack stops before it starts again. Otherwise brokers and ZooKeeper nodes restart one at a time, each after the previous one is in sync.",
    )
    .argument("[service...]", "Services to restart (default: all at once; kafka: all brokers)")
    .addOption(readinessTimeout());
  withSharedOptions(command);
  withExamples(command, [
    ["dp restart", "Restart the whole stack"],
    ["dp restart kafka", "Restart the brokers one at a time"],
    ["dp restart api", "Restart one service"],
  ]);
  return setAction<RestartOptions>(command, host, async (invocation, words = []) => {
    const { options, report } = invocation;
    const { project, services, durationMs } = await withResuming(invocation, (on) =>
      restart({ ...on, words, timeoutMs: options.timeout }),
    );
    const document: RestartDocument = { project, restarted: services, durationMs };
    report.result(document, ({ style }) => {
      const what = services.join(", ");
      return `${style.green("✓")} restarted ${what}; ready after ${formatDuration(durationMs)}\n`;
    });
  });
}

/** Returns the services in the order in which they were started again. */
async function restart(input: Omit<ResumeStackInput, "inSync">): Promise<string[]> {
  const { engine, project, words, emit, signal } = input;
  const observed = await observeStack(engine, project, signal);
  refuseUnstartable({ project, observed, words });
  const { containers } = observed;
  const client = await engine.client();
  const started: string[] = [];
  try {
    for (const batch of restartBatches(containers, words)) {
      const stopping = containers.filter(({ service }) => batch.includes(service));
      await stopContainers({ client, containers: stopping, emit, signal });
      const all = words.length === 0;
      started.push(...(await resumeStack({ ...input, words: all ? [] : batch, inSync: !all })));
    }
  } catch (thrown) {
    emit({ type: "note", level: "warning", text: "dp start starts what is stopped still" });
    throw thrown;
  }
  return started;
}
