import { Command } from "commander";
import { setAction, type CommandHost } from "../../cli/invocation.ts";
import { exitCodes } from "../../cli/exit-codes.ts";
import { withExamples, withExitCodes } from "../../cli/command-help.ts";
import { withSharedOptions } from "../../cli/options.ts";

export function doctorCommand(host: CommandHost): Command {
  const command = new Command("doctor");
  withSharedOptions(command);
  withExamples(command, [
    ["dp doctor", "the engine, this machine, the file, and the listeners of what runs"],
    ["dp doctor --verbose", "with the evidence of what is fine, too"],
    ["dp doctor --project shop", "of a stack whose file is elsewhere"],
    ["dp doctor --json", "one document: findings with verdict, evidence and mend"],
  ]);
  withExitCodes(command, [
    [0, "No problem was found; there may be warnings"],
    [10, "At least one problem was found"],
  ]);
  return setAction(command, host, async ({ shared, report, signal }) => {
    const [{ diagnose }, { renderDiagnosis }] = await Promise.all([
      import("../../app/diagnosis/diagnose.ts"),
      import("../../app/diagnosis/render.ts"),
    ]);
    const diagnosis = await diagnose({ host, shared, signal });
    const { verbose } = shared;
    report.result(diagnosis, ({ style }) => renderDiagnosis(diagnosis, { style, verbose }));
    return diagnosis.healthy ? exitCodes.done : exitCodes.answeredNo;
  });
}
