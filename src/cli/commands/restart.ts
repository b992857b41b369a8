import { Command } from "commander";
import { observeStack } from "../../docker/observe.ts";
import { stopContainers } from "../../docker/stop.ts";
import { formatDuration } from "../../report/format.ts";
import { restartBatches } from "../../stack/restart-batches.ts";
import { setAction, type Host } from "../context.ts";
import { tellOtherEngine } from "../engine.ts";
import { makeBuckets } from "../file-stores.ts";
import { parseDurationOption, withExamples, withSharedOptions } from "../options.ts";
import { refuseUnstartable, resumeStack } from "../resume.ts";
import { findStack } from "../running.ts";
import { withStackLock } from "../stack-lock.ts";

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

export function restartCommand(host: Host): Command {
  const command = new Command("restart")
    .argument("[service...]", "only these (kafka: the brokers, one after another)")
    .option("--timeout <duration>", "limit for readiness", parseDurationOption, 180_000);
  withSharedOptions(command);
  withExamples(command, [
    ["dp restart", "all of the stack, in safe order; data and containers stay"],
    ["dp restart kafka", "broker after broker, each when the last one is in sync again"],
    ["dp restart api", "one service"],
  ]);
  return setAction<RestartOptions>(
    command,
    host,
    async ({ shared, options, report, signal }, words = []) => {
      const startedAt = performance.now();
      const stack = await findStack(host, shared);
      const { name: project, engine } = stack;
      const { emit } = report;
      tellOtherEngine(engine, emit);
      const restarted = await withStackLock({ engine, project }, async () => {
        const observed = await observeStack(engine, project, signal);
        refuseUnstartable({ project, observed, words });
        const { containers } = observed;
        const client = await engine.client();
        const started: string[] = [];
        try {
          for (const batch of restartBatches(containers, words)) {
            const stopping = containers.filter(({ service }) => batch.includes(service));
            await stopContainers({ client, containers: stopping, emit, signal });
            const resuming = { engine, project, timeoutMs: options.timeout, emit, signal };
            const all = words.length === 0;
            started.push(
              ...(await resumeStack({ ...resuming, words: all ? [] : batch, inSync: !all })),
            );
          }
        } catch (thrown) {
          emit({ type: "note", level: "warning", text: "dp start starts what is stopped still" });
          throw thrown;
        }
        return started;
      });
      await makeBuckets({ host, shared, stack }, signal);
      const durationMs = Math.round(performance.now() - startedAt);
      const document: RestartDocument = { project, restarted, durationMs };
      report.result(document, ({ style }) => {
        const what = restarted.join(", ");
        return `${style.green("✔")} restarted ${what}; ready after ${formatDuration(durationMs)}\n`;
      });
    },
  );
}
