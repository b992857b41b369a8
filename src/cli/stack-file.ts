import { renderProblems } from "../report/problems.ts";
import { plainStyle } from "../report/style.ts";
import { DpError } from "../errors.ts";
import type { Stack } from "../stack/settings.ts";
import type { LoadedStack } from "../spec/load.ts";
import type { Host } from "./context.ts";
import type { SharedOptions } from "./options.ts";
import type { Report } from "../report/choose.ts";
import type { FromVariables } from "./shown-values.ts";

/** Finds and checks the pipeline.yaml that a command means. */
export async function loadFile(host: Host, shared: SharedOptions): Promise<LoadedStack> {
  const { loadStack } = await import("../spec/load.ts");
  return loadStack({ cwd: host.cwd, file: shared.file, env: host.env, project: shared.project });
}

export interface RequiredStack {
  readonly stack: Stack;
  readonly fromVariables: FromVariables;
}

/** The stack that the file means; warnings become notes. Throws DpError `invalid-file` with all problems. */
export async function requireStack(
  host: Host,
  shared: SharedOptions,
  report: Report,
): Promise<RequiredStack> {
  const loaded = await loadFile(host, shared);
  if (!loaded.ok) throw invalidFile(loaded);
  for (const warning of loaded.warnings) {
    const hint = warning.hint ? `; ${warning.hint}` : "";
    report.emit({ type: "note", level: "warning", text: `${warning.message}${hint}` });
  }
  return { stack: loaded.stack, fromVariables: loaded.fromVariables };
}

function invalidFile(loaded: Extract<LoadedStack, { ok: false }>): DpError {
  const { file, text, problems } = loaded;
  const rendered = renderProblems({ file, text, problems, style: plainStyle, columns: undefined });
  return new DpError({
    code: "invalid-file",
    message: `${file} can't be used as it is`,
    evidence: rendered.trimEnd().split("\n"),
    next: "mend the lines above; dp validate checks again",
  });
}
