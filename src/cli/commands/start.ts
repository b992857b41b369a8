import { Command } from "commander";
import { formatDuration } from "../../report/format.ts";
import { setAction, type Host } from "../context.ts";
import { tellOtherEngine } from "../engine.ts";
import { makeBuckets } from "../file-stores.ts";
import { parseDurationOption, withExamples, withSharedOptions } from "../options.ts";
import { resumeStack } from "../resume.ts";
import { findStack } from "../running.ts";
import { withStackLock } from "../stack-lock.ts";

interface StartOptions {
  readonly timeout: number;
}

/** What `dp start --json` prints. */
interface StartDocument {
  readonly project: string;
  readonly started: readonly string[];
  readonly durationMs: number;
}

export function startCommand(host: Host): Command {
  const command = new Command("start")
    .argument("[service...]", "only these and what they depend on (kafka means all brokers)")
    .option("--timeout <duration>", "limit for readiness", parseDurationOption, 180_000);
  withSharedOptions(command);
  withExamples(command, [
    ["dp start", "what dp stop stopped, just as it was; dp up also applies changes"],
    ["dp start kafka-2", "one broker, and ZooKeeper if that does not run"],
    ["dp start --project shop", "works without the file"],
  ]);
  return setAction<StartOptions>(
    command,
    host,
    async ({ shared, options, report, signal }, words = []) => {
      const startedAt = performance.now();
      const stack = await findStack(host, shared);
      const { name: project, engine } = stack;
      const { emit } = report;
      tellOtherEngine(engine, emit);
      const started = await withStackLock({ engine, project }, () =>
        resumeStack({ engine, project, words, timeoutMs: options.timeout, emit, signal }),
      );
      await makeBuckets({ host, shared, stack }, signal);
      const durationMs = Math.round(performance.now() - startedAt);
      const document: StartDocument = { project, started, durationMs };
      report.result(document, ({ style }) => {
        const what = started.length > 0 ? `started ${started.join(", ")}` : "it runs already";
        return `${style.green("✔")} ${what}; ready after ${formatDuration(durationMs)}\n`;
      });
    },
  );
}
