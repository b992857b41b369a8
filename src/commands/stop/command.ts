import { Command } from "commander";
import { observeStack } from "../../docker/stack/observe.ts";
import { stopContainers } from "../../docker/stack/stop.ts";
import { expandServices } from "../../stack/select.ts";
import { setAction, type CommandHost } from "../../cli/invocation.ts";
import { tellOtherEngine } from "../../app/stack/engine.ts";
import { withExamples } from "../../cli/command-help.ts";
import { withSharedOptions } from "../../cli/options.ts";
import { findStack } from "../../app/stack/running.ts";
import { withStackLock } from "../../app/stack/stack-lock.ts";

/** What `dp stop --json` prints. */
interface StopDocument {
  readonly project: string;
  readonly stopped: readonly string[];
}

export function stopCommand(host: CommandHost): Command {
  const command = new Command("stop")
    .description(
      "Each service stops before the services it depends on. Run `dp start` to start the same containers again. Stores of type s3 keep their objects in memory, so their buckets are empty afterwards.",
    )
    .argument("[service...]", "Services to stop (default: all; kafka: all brokers)");
  withSharedOptions(command);
  withExamples(command, [
    ["dp stop", "Free memory and CPU until the next dp start"],
    ["dp stop kafka-2", "Stop one broker to see how the others react"],
    ["dp stop --project shop", "Stop another stack from any folder"],
  ]);
  return setAction(command, host, async ({ shared, report, signal }, words = []) => {
    const { name: project, engine } = await findStack(host, shared);
    tellOtherEngine(engine, report.emit);
    const lock = { engine, project, command: host.command };
    const document = await withStackLock(lock, async (): Promise<StopDocument> => {
      const { containers } = await observeStack(engine, project, signal);
      const services = containers.map(({ service }) => service);
      const selected = words.length > 0 ? expandServices(words, services) : services;
      const stopped = await stopContainers({
        client: await engine.client(),
        containers: containers.filter(({ service }) => selected.includes(service)),
        emit: report.emit,
        signal,
      });
      for (const { service, kind } of containers) {
        if (kind !== "s3" || !stopped.includes(service)) continue;
        const text = `${service} kept its objects in memory only: its buckets are empty after dp start`;
        report.emit({ type: "note", level: "info", text });
      }
      return { project, stopped };
    });
    report.result(document, ({ style }) => {
      const { stopped } = document;
      if (stopped.length === 0) return `nothing of ${project} was running\n`;
      return `${style.green("✓")} stopped ${stopped.join(", ")}; all is kept (dp start)\n`;
    });
  });
}
