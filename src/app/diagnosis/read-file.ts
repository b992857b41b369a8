import { DpError } from "../../errors.ts";
import { formatCount } from "../../report/format.ts";
import type { Stack } from "../../model/settings.ts";
import type { Host, SharedOptions } from "../request.ts";
import { loadFileOfStack } from "../stack/stack-file.ts";
import { ok, problem, warning, type Finding } from "./finding.ts";

export interface DoctorFile {
  readonly finding: Finding;
  /** The stack's name, also of a file with mistakes and of `--project` alone. */
  readonly project: string | undefined;
  /** Undefined without a file, or with one that can't be used. */
  readonly stack: Stack | undefined;
}

/** What the file says, as far as there is one. */
export async function readDoctorFile(host: Host, shared: SharedOptions): Promise<DoctorFile> {
  try {
    const loaded = await loadFileOfStack(host, shared);
    if (loaded.ok) {
      const { stack, file, warnings } = loaded;
      const told = warnings.map(({ message }) => message);
      const finding =
        told.length === 0
          ? ok("file", file)
          : warning("file", `${file}: ${formatCount(told.length, "warning")}`, { evidence: told });
      return { finding, project: stack.name, stack };
    }
    const { file, problems } = loaded;
    const finding = problem("file", `${file} has ${formatCount(problems.length, "problem")}`, {
      evidence: problems.map(({ message }) => message),
      mend: "dp validate shows each with its line",
    });
    return { finding, project: await nameOf(host, shared), stack: undefined };
  } catch (thrown) {
    if (!(thrown instanceof DpError)) throw thrown;
    const project = await nameOf(host, shared);
    const finding =
      thrown.code === "no-file"
        ? ok("file", "there is none here: what needs one is left out")
        : problem("file", thrown.message, { mend: thrown.next });
    return { finding, project, stack: undefined };
  }
}

async function nameOf(host: Host, shared: SharedOptions): Promise<string | undefined> {
  const { identifyStack } = await import("../../config/identify.ts");
  const { file, project } = shared;
  const choice = { cwd: host.cwd, env: host.env, file, project };
  return identifyStack(choice).then(
    ({ name }) => name,
    () => undefined,
  );
}
