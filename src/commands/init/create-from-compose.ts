import { basename, join } from "node:path";
import { exitCodes, type ExitCode } from "../../cli/exit-codes.ts";
import { kindOf } from "../../config/find.ts";
import { DpError } from "../../errors.ts";
import type { Report } from "../../report/choose.ts";
import { problemsDocument, renderProblems } from "../../report/problems.ts";
import { convertFile } from "./convert-file.ts";
import { initDocument, renderInit } from "./report.ts";
import { alreadyExists, writeNewFile } from "./write-new-file.ts";

/**
 * Writes the pipeline.yaml of a folder from a Compose file, and reports each line that changed. Writes nothing
 * when either file is invalid. Throws DpError `usage` without the folder, and when pipeline.yaml exists.
 */
export async function createFromCompose(input: {
  /** Absolute path of the Compose file. */
  readonly source: string;
  /** Absolute path. */
  readonly folder: string;
  readonly project: string | undefined;
  readonly env: NodeJS.ProcessEnv;
  readonly report: Report;
}): Promise<ExitCode> {
  const { source, folder, project, env, report } = input;
  const target = join(folder, "pipeline.yaml");
  if (kindOf(folder) !== "folder") {
    const next = "create the folder, or name another one";
    throw new DpError({ code: "usage", message: `no folder ${folder}`, next });
  }
  if (kindOf(target) !== "missing") throw alreadyExists(target);
  const converted = await convertFile({ source, target, project, env });
  if (converted.ok) {
    await writeNewFile(target, converted.text);
    report.result(initDocument({ converted, source, target }), ({ style }) =>
      renderInit({ converted, source, target, style }),
    );
    return exitCodes.done;
  }
  const { of, text, problems, needed } = converted;
  const file = of === "compose" ? source : target;
  report.result(problemsDocument({ file, problems }), ({ style, columns }) => {
    const shown = renderProblems({ file: basename(file), text, problems, style, columns });
    return of === "compose" ? shown : `${shown}\n${describeInvalid(needed)}`;
  });
  return exitCodes.usage;
}

function describeInvalid(needed: readonly { readonly name: string }[]): string {
  const names = needed.map(({ name }) => name).join(", ");
  const hint = names === "" ? "" : `; set the variables ${names} in .env first`;
  return `pipeline.yaml is not written: dp validate would report these errors${hint}\n`;
}
