import { resolve } from "node:path";
import { Argument, Command } from "commander";
import { withExamples, withExitCodes } from "../../cli/command-help.ts";
import { setAction, type CommandHost } from "../../cli/invocation.ts";
import { withSharedOptions } from "../../cli/options.ts";
import { DpError } from "../../errors.ts";

interface InitOptions {
  readonly from?: string;
}

export function initCommand(host: CommandHost): Command {
  const command = new Command("init")
    .description(
      "Reads a Compose file and writes a pipeline.yaml. Kafka, ZooKeeper, Airflow, Postgres, Redis, MinIO, and LocalStack become sections of dp, all other containers become services. The report lists each line that is dropped or changed, with the reason. Passwords in plain text become variables, and the report names them. An existing pipeline.yaml is never changed, and nothing is written if the result is not valid.",
    )
    .addArgument(new Argument("[dir]", "Folder of the new pipeline.yaml (default: this folder)"))
    .option("--from <file>", "Compose file to read, e.g. `docker-compose.yml`");
  withSharedOptions(command);
  withExamples(command, [
    [
      "dp init --from docker-compose.yml",
      "Create pipeline.yaml from the Compose file of this folder",
    ],
    ["dp init shop --from shop/compose.yaml", "Create pipeline.yaml in another folder"],
    [
      "dp init --from docker/compose.yaml",
      "Write pipeline.yaml to this folder, above the Compose file",
    ],
    ["dp init --from docker-compose.yml --json", "Print the report as JSON"],
  ]);
  withExitCodes(command, [
    [0, "The file pipeline.yaml is written"],
    [1, "The file pipeline.yaml already exists, or can't be written"],
    [2, "The Compose file was not found or is invalid, or the result is not valid"],
  ]);
  return setAction<InitOptions>(
    command,
    host,
    async ({ shared, options, report }, [dir = "."] = []) => {
      if (shared.file !== undefined) {
        const next = "name the folder instead: dp init DIR --from FILE";
        throw new DpError({ code: "usage", message: "init does not take --file", next });
      }
      const source = sourceOf(options, host.cwd);
      const folder = resolve(host.cwd, dir);
      // The reader of Compose files loads yaml and zod.
      const { createFromCompose } = await import("./create-from-compose.ts");
      const { project } = shared;
      return createFromCompose({ source, folder, project, env: host.env, report });
    },
  );
}

function sourceOf({ from }: InitOptions, cwd: string): string {
  if (from !== undefined) return resolve(cwd, from);
  throw new DpError({
    code: "usage",
    message: "init requires --from",
    next: "name a Compose file, e.g. dp init --from docker-compose.yml",
  });
}
