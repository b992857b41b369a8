import { Command } from "commander";
import { DpError } from "../../errors.ts";
import type { ObservedContainer } from "../../model/containers.ts";
import { expandServices } from "../../stack/select.ts";
import { setAction, type CommandHost } from "../../cli/invocation.ts";
import { withExamples, withExitCodes } from "../../cli/command-help.ts";
import { withSharedOptions } from "../../cli/options.ts";
import { findStack, type FoundStack } from "../../app/stack/running.ts";
import { ownValue } from "../../stack/own-value.ts";

interface ExecOptions {
  readonly user?: string;
  readonly env?: readonly string[];
}

/** The better shell of the two that an image may have. */
const shell = ["/bin/sh", "-c", "if command -v bash >/dev/null; then exec bash; else exec sh; fi"];

export function execCommand(host: CommandHost): Command {
  const command = new Command("exec")
    .usage("[options] <service> [-- <command...>]")
    .description(
      "Without a command, opens bash, or sh in images without bash. Standard input and signals are passed on.",
    )
    .argument("<service>", "Service in whose container the command runs")
    .argument("[command...]", "Command and its arguments, after `--` (default: a shell)")
    .option("-u, --user <user>", "User inside the container (default: the user of the container)")
    .option(
      "-e, --env <name=value>",
      "Set an environment variable; NAME alone passes its current value (repeatable)",
      collect,
    );
  withSharedOptions(command);
  withExamples(command, [
    ["dp exec kafka-1", "Open a shell in the container of a broker"],
    ["dp exec kafka-1 -- ls -l /var/lib/kafka/data", "Run one command and use its exit code"],
    ["dp exec warehouse -u postgres -- psql < load.sql", "Pass a file to standard input"],
    ["dp exec api -e LOG=debug -- node check.js", "Set an environment variable for the command"],
  ]);
  withExitCodes(command, [
    [1, "The service is not running, or the engine is unreachable"],
    [2, "The service does not exist"],
    [127, "The command was not found in the container"],
    ["any", "The exit code of the command, once it was started"],
  ]);
  return setAction<ExecOptions>(
    command,
    host,
    async ({ shared, options, report }, [service = ""] = [], words = []) => {
      const [stack, { openSession }, { attach, terminalSize }] = await Promise.all([
        findStack(host, shared),
        import("../../docker/exec/exec-session.ts"),
        import("../../cli/attach.ts"),
      ]);
      const { id } = runningContainer(stack, service);
      const session = await openSession({
        container: (await stack.engine.client()).getContainer(id),
        command: words.length > 0 ? words : shell,
        environment: (options.env ?? []).flatMap((word) => withValue(word, host.env)),
        user: options.user,
        terminal: terminalSize(host),
      });
      return attach({ host, report, session });
    },
  );
}

function collect(word: string, before: readonly string[] = []): string[] {
  return [...before, word];
}

/** `NAME` alone takes dp's own value, if there is one. */
function withValue(word: string, env: NodeJS.ProcessEnv): string[] {
  if (word.includes("=")) return [word];
  const value = ownValue(env, word);
  return value === undefined ? [] : [`${word}=${value}`];
}

/** The one container that a word means. Throws DpError `usage`, and `not-running` with the reason. */
function runningContainer({ name, observed }: FoundStack, word: string): ObservedContainer {
  const services = observed.containers.map(({ service }) => service).toSorted();
  if (services.length === 0) {
    throw new DpError({
      code: "not-running",
      message: `${name} has no containers`,
      next: "dp up",
    });
  }
  const selected = expandServices([word], services);
  const container = observed.containers.find(({ service }) => service === selected[0]);
  if (selected.length !== 1 || !container) {
    throw new DpError({
      code: "usage",
      message: `${word} means ${selected.length} services, and a command runs in one`,
      why: `services: ${selected.join(", ")}`,
      next: `dp exec ${selected[0]}`,
    });
  }
  if (container.state === "running") return container;
  throw new DpError({
    code: "not-running",
    message: `${container.service} does not run`,
    why: container.status,
    next: `dp start ${container.service}; dp logs ${container.service} -n 30 may tell why`,
  });
}
