import { basename } from "node:path";
import { Command } from "commander";
import { problemsDocument, renderProblems } from "../../report/problems.ts";
import { setAction, type CommandHost } from "../../cli/invocation.ts";
import { exitCodes } from "../../cli/exit-codes.ts";
import { withExamples, withExitCodes } from "../../cli/command-help.ts";
import { withSharedOptions } from "../../cli/options.ts";
import { checkSeeds } from "./seed-problems.ts";
import { loadFile } from "../../app/stack/stack-file.ts";

export function validateCommand(host: CommandHost): Command {
  const command = new Command("validate").description(
    "Reports all errors and warnings at once, each with its line and, where possible, a hint. The files that pipeline.yaml refers to are checked as well.",
  );
  withSharedOptions(command);
  withExamples(command, [
    ["dp validate", "Validate the nearest pipeline.yaml"],
    ["dp validate -f other/pipeline.yaml", "Validate another file"],
    ["dp validate --profile ci", "Validate the file with a profile applied"],
    ["dp validate --json", "Print the problems as one JSON document, for editors and CI"],
  ]);
  withExitCodes(command, [
    [0, "The file is valid; there may be warnings"],
    [2, "The file is invalid or was not found"],
  ]);
  return setAction(command, host, async ({ shared, report }) => {
    const loaded = await loadFile(host, shared);
    const { file, text } = loaded;
    const problems = loaded.ok
      ? [...loaded.warnings, ...(await checkSeeds(loaded))]
      : loaded.problems;
    const isValid = problems.every(({ severity }) => severity !== "error");
    report.result(problemsDocument({ file, problems }), ({ style, columns }) => {
      const shown = renderProblems({ file: basename(file), text, problems, style, columns });
      return isValid ? `${shown}${style.green("✓")} ${file} is valid\n` : shown;
    });
    return isValid ? exitCodes.done : exitCodes.usage;
  });
}
