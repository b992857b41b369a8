import { renderProblems } from "../../report/problems.ts";
import { plainStyle } from "../../report/style.ts";
import { DpError } from "../../errors.ts";
import type { Stack, FromVariables } from "../../model/settings.ts";
import type { LoadedStack } from "../../config/load.ts";
import type { Host, SharedOptions } from "../request.ts";
import { learnServiceSecrets, learnSourceSecrets, publicNames } from "./known-secrets.ts";
import { findLastProfile } from "./last-profile.ts";
import type { Report } from "../../report/choose.ts";

/** Finds and checks the pipeline.yaml that a command means, whatever runs of it. */
export async function loadFile(host: Host, shared: SharedOptions): Promise<LoadedStack> {
  return loadWith(host, shared, undefined);
}

/** As loadFile, under the profile of the last `dp up` unless another is given. */
export async function loadFileOfStack(host: Host, shared: SharedOptions): Promise<LoadedStack> {
  return loadWith(host, shared, await findLastProfile(host, shared));
}

async function loadWith(
  host: Host,
  shared: SharedOptions,
  lastProfile: string | undefined,
): Promise<LoadedStack> {
  const { loadStack } = await import("../../config/load.ts");
  const loaded = await loadStack({ cwd: host.cwd, env: host.env, ...shared, lastProfile });
  const { file, text: source } = loaded;
  const names = loaded.ok ? publicNames(loaded.stack) : [file];
  learnSourceSecrets(host, { file, source, settings: shared.set ?? [], names });
  if (loaded.ok) learnServiceSecrets(host, loaded.stack);
  return loaded;
}

export interface RequiredStack {
  readonly stack: Stack;
  readonly fromVariables: FromVariables;
  /** Whether the file has profiles to choose from. */
  readonly hasProfiles: boolean;
  /** Returns a failure with the place of the setting that caused it. */
  readonly withPlace: (thrown: unknown) => unknown;
}

/**
 * The stack that the file means, under the profile of the last `dp up` unless another is given;
 * warnings become notes. Throws DpError `invalid-file` with all problems.
 */
export async function requireStack(
  host: Host,
  shared: SharedOptions,
  report: Report,
): Promise<RequiredStack> {
  const { stack, content } = await requireLoaded(host, shared, report);
  const { fromVariables, profiles, placeOf } = content;
  const withPlace = (thrown: unknown): unknown => {
    if (!(thrown instanceof DpError) || thrown.setting === undefined) return thrown;
    const { code, message, why, evidence, next, setting } = thrown;
    const { at } = placeOf(setting, "value");
    const { file } = stack;
    const place = at && { at: { file, line: at.line, column: at.column } };
    return new DpError({ code, message, why, evidence, next, setting, ...place, cause: thrown });
  };
  return { stack, fromVariables, hasProfiles: profiles.length > 0, withPlace };
}

/** As requireStack, with what the stack was made from. */
export async function requireLoaded(
  host: Host,
  shared: SharedOptions,
  report: Report,
): Promise<Extract<LoadedStack, { ok: true }>> {
  const lastProfile = await findLastProfile(host, shared);
  const loaded = await loadWith(host, shared, lastProfile);
  if (!loaded.ok) throw invalidFile(loaded);
  if (lastProfile !== undefined) {
    const text = `profile ${lastProfile}, as in the last dp up`;
    report.emit({ type: "note", level: "info", text });
  }
  for (const warning of loaded.warnings) {
    const hint = warning.hint ? `; ${warning.hint}` : "";
    report.emit({ type: "note", level: "warning", text: `${warning.message}${hint}` });
  }
  return loaded;
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
