import { Command } from "commander";
import { DpError } from "../../errors.ts";
import { setAction, type Invocation, type CommandHost } from "../../cli/invocation.ts";
import { tellOtherEngine } from "../../app/stack/engine.ts";
import type { ExitCode } from "../../cli/exit-codes.ts";
import { withExamples } from "../../cli/command-help.ts";
import { durationOption, withSharedOptions } from "../../cli/options.ts";
import { ageLimits } from "../../config/units.ts";

interface DownOptions {
  readonly volumes?: boolean;
  readonly all?: boolean;
  readonly olderThan?: number;
  readonly yes?: boolean;
}

export function downCommand(host: CommandHost): Command {
  const command = new Command("down")
    .description("Run `dp up` to create the stack again, with its data if you kept it.")
    .option("-v, --volumes", "Also remove the volumes with all data")
    .option("--all", "Remove all dp stacks on this engine, after confirmation")
    .addOption(
      durationOption(
        "--older-than <duration>",
        "With `--all`: only stacks whose newest container (or volume) is older than this",
        { limits: ageLimits },
      ),
    )
    .option("-y, --yes", "Skip the confirmation of `--all`; `dp down` alone asks for none");
  withSharedOptions(command);
  withExamples(command, [
    ["dp down", "Remove the stack, and keep its data for the next dp up"],
    ["dp down --volumes", "Remove the stack with all its data"],
    ["dp down --project shop -v", "Remove another stack, even if its pipeline.yaml is missing"],
    ["dp down --all", "Remove all stacks on this engine, after confirmation"],
    ["dp down --all --older-than 2h -v -y", "Remove everything that CI jobs left behind"],
  ]);
  return setAction<DownOptions>(command, host, run);
}

async function run(invocation: Invocation<DownOptions>): Promise<ExitCode | void> {
  const { host, shared, options, report, signal } = invocation;
  const volumes = options.volumes === true ? "remove" : "keep";
  refuseMixed(options, shared.project ?? shared.file);
  if (options.all === true) {
    const { downAll } = await import("./all.ts");
    const words = process.argv.slice(2).join(" ");
    return downAll(invocation, {
      volumes,
      olderThanMs: options.olderThan,
      yes: options.yes === true,
      command: `dp ${words} -y`,
    });
  }
  const [{ findStack }, { takeDown, renderTakenDown }] = await Promise.all([
    import("../../app/stack/running.ts"),
    import("./take-down.ts"),
  ]);
  const { name: project, engine } = await findStack(host, shared);
  tellOtherEngine(engine, report.emit);
  const { command } = host;
  const document = await takeDown({ engine, project, volumes, command, emit: report.emit, signal });
  report.result(document, ({ style }) => renderTakenDown(document, style));
}

/** `named` is what says which stack is meant. */
function refuseMixed({ all, olderThan }: DownOptions, named: string | undefined): void {
  if (all === true && named === undefined) return;
  if (all !== true && olderThan === undefined) return;
  throw new DpError({
    code: "usage",
    message:
      all === true
        ? "--all means every stack, and can't be given with the name or file of one"
        : "--older-than requires --all",
    next: "dp down --help",
  });
}
