import { readdirSync } from "node:fs";
import path from "node:path";
import { checkText } from "../../config/check.ts";
import { convertCompose, type Conversion } from "../../config/compose/convert.ts";
import { kindOf, readText, textOf, variablesFor, type Environment } from "../../config/find.ts";
import { DpError } from "../../errors.ts";
import { realPathOf } from "../../files/real-path.ts";
import type { Problem } from "../../stack/problem.ts";

export type Converted = Extract<Conversion, { ok: true }>;

export type ConvertedFile =
  | ({ readonly ok: true } & Converted)
  /** The Compose file, or the pipeline.yaml made from it, has problems in its text. */
  | {
      readonly ok: false;
      readonly of: "compose" | "pipeline";
      readonly text: string;
      readonly problems: readonly Problem[];
      readonly needed: Converted["needed"];
    };

/** Reads a Compose file, and checks the pipeline.yaml that it becomes. Nothing is written. */
export async function convertFile(input: {
  /** Absolute path of the Compose file. */
  readonly source: string;
  /** Absolute path of the pipeline.yaml to write. */
  readonly target: string;
  readonly project: string | undefined;
  readonly env: Environment;
}): Promise<ConvertedFile> {
  const { source, target, project, env } = input;
  if (["missing", "folder"].includes(kindOf(source))) {
    throw new DpError({
      code: "no-file",
      message: `no Compose file ${source}`,
      next: "check the path after --from",
    });
  }
  const text = await readText(source);
  // Compose reads the .env beside its file, which need not be the one that dp reads.
  const variables = variablesFor(source, env);
  const folder = path.dirname(target);
  const around = { folder, kindOf, textOf, namesIn };
  const own = variablesFor(target, env);
  const isSet = (name: string): boolean => own.placeOf(name) !== undefined;
  const lookup = variables.valueOf;
  const converted = convertCompose({ text, file: source, lookup, isSet, project, around });
  if (!converted.ok) {
    return { ok: false, of: "compose", text, problems: converted.problems, needed: [] };
  }
  const problems = checkConverted({ converted, target, lookup: own.valueOf });
  if (problems.length === 0) return converted;
  const { needed } = converted;
  return { ok: false, of: "pipeline", text: converted.text, problems, needed };
}

/** A value that no setting of text refuses, for variables that are not in `.env` yet. */
const placeholder = "set-in-dotenv";

/** The errors of the file as it is, and with each of its profiles. */
function checkConverted(input: {
  readonly converted: Converted;
  readonly target: string;
  readonly lookup: (name: string) => string | undefined;
}): Problem[] {
  const { converted, target, lookup } = input;
  const needed = new Set(converted.needed.map(({ name }) => name));
  const check = (profile: string | undefined) =>
    checkText({
      text: converted.text,
      file: target,
      lookup: (name) => lookup(name) ?? (needed.has(name) ? placeholder : undefined),
      profile,
      project: undefined,
      ports: "written",
      realPathOf,
      kindOf,
      textOf,
    });
  const base = check(undefined);
  const all = [base, ...(base.content?.profiles ?? []).map(check)];
  const errors = all.map(({ problems }) => problems.filter(({ severity }) => severity === "error"));
  return errors.find((found) => found.length > 0) ?? [];
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
