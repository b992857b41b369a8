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
    .argument("<service>", "where to run it")
    .argument("[command...]", "what to run, after --; a shell when left out")
    .option("-u, --user <user>", "run it as this user of the container")
    .option(
      "-e, --env <name=value>",
      "set a variable for it (NAME alone: as it is here); may be repeated",
      collect,
    );
  withSharedOptions(command);
  withExamples(command, [
    ["dp exec kafka-1", "a shell in the broker's container"],
    ["dp exec kafka-1 -- ls -l /var/lib/kafka/data", "one command; its exit code is passed on"],
    ["dp exec warehouse -u postgres -- psql < load.sql", "standard input goes to the command"],
    ["dp exec api -e LOG=debug -- node check.js", "with a variable of its own"],
  ]);
  withExitCodes(command, [
    ["any", "The exit code of the command, once it was started"],
    [1, "The service is not running, or the engine is unreachable"],
    [2, "The service does not exist"],
    [127, "The command was not found in the container"],
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
