import { Command } from "commander";
import { setAction, type CommandHost } from "../../cli/invocation.ts";
import { exitCodes } from "../../cli/exit-codes.ts";
import { withExamples, withExitCodes } from "../../cli/command-help.ts";
import { withSharedOptions } from "../../cli/options.ts";

export function doctorCommand(host: CommandHost): Command {
  const command = new Command("doctor").description(
    "Checks the Docker engine, this machine, pipeline.yaml, and the addresses that the brokers advertise. Nothing is changed or started. Also works without a pipeline.yaml.",
  );
  withSharedOptions(command);
  withExamples(command, [
    ["dp doctor", "Diagnose the engine, this machine, and the stack"],
    ["dp doctor --verbose", "Show the evidence of passed checks as well"],
    ["dp doctor --project shop", "Diagnose another stack from any folder"],
    ["dp doctor --json", "Print all findings as one JSON document"],
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
