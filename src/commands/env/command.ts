import { Command, Option } from "commander";
import { DpError } from "../../errors.ts";
import { endpointsOf, fileEndpoints } from "../../stack/endpoints.ts";
import { setAction, type CommandHost } from "../../cli/invocation.ts";
import { exitCodes } from "../../cli/exit-codes.ts";
import { findFileStores } from "../../app/stack/file-stores.ts";
import { runHostProgram } from "../../cli/host-program.ts";
import { withExamples, withExitCodes } from "../../cli/command-help.ts";
import { withSharedOptions } from "../../cli/options.ts";
import { findStack } from "../../app/stack/running.ts";

interface EnvOptions {
  readonly format: "shell" | "dotenv" | "json";
}

export function envCommand(host: CommandHost): Command {
  const command = new Command("env")
    .usage("[options] [-- <command...>]")
    .description(
      'Prints addresses and logins, e.g. `KAFKA_BOOTSTRAP_SERVERS`, `ZOOKEEPER_CONNECT`, `AIRFLOW_URL`, and `WAREHOUSE_URL` for a store named warehouse. With a command, runs it with these variables instead. A shell ignores the exit code of dp in `eval "$(dp env)"`. In scripts, run `dp env -- COMMAND` instead.',
    )
    .argument("[command...]", "Command to run with the variables, and its arguments, after `--`")
    .addOption(
      new Option("--format <format>", "Output format")
        .choices(["shell", "dotenv", "json"])
        .default("shell"),
    );
  withSharedOptions(command);
  withExamples(command, [
    ['eval "$(dp env)"', "Set the variables in the current shell"],
    ["dp env -- mvn verify", "Run a command with the variables"],
    ["dp env --format dotenv > .env.dp", "Write a file for programs that read .env files"],
    ["dp env --json", "Print one JSON object"],
  ]);
  withExitCodes(command, [
    [0, "The variables were printed"],
    [1, "The addresses could not be determined"],
    [127, "The command was not found in PATH"],
    ["any", "The exit code of the command that follows `--`"],
  ]);
  return setAction<EnvOptions>(command, host, async ({ shared, options, report }, words = []) => {
    const stack = await findStack(host, shared);
    const { name, observed } = stack;
    const variables = {
      ...endpointsOf(observed.containers, { passwords: "shown" }),
      ...fileEndpoints(await findFileStores({ host, shared, stack })),
    };
    if (Object.keys(variables).length === 0) {
      throw new DpError({
        code: "not-running",
        message: `${name} has no addresses`,
        why: "none of its containers is there",
        next: "dp up",
      });
    }
    if (words.length > 0) return runHostProgram(host, { words, environment: variables });
    report.result(variables, () => formats[options.format](variables), { verbatim: true });
    return exitCodes.done;
  });
}

type Variables = Readonly<Record<string, string>>;

const formats: Readonly<Record<EnvOptions["format"], (variables: Variables) => string>> = {
  shell: (variables) => lines(variables, (name, value) => `export ${name}=${quote(value)}`),
  dotenv: (variables) => lines(variables, (name, value) => `${name}=${value}`),
  json: (variables) => `${JSON.stringify(variables, null, 2)}\n`,
};

/** One word for a POSIX shell. */
function quote(value: string): string {
  return `'${value.replaceAll("'", `'\\''`)}'`;
}

function lines(variables: Variables, format: (name: string, value: string) => string): string {
  return Object.entries(variables)
    .map(([name, value]) => `${format(name, value)}\n`)
    .join("");
}
