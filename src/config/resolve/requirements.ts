import path from "node:path";
import type { Requirement } from "../../model/settings.ts";
import { additionalRequirements, parseRequirement, parseRequirements } from "../requirements.ts";
import { present } from "../written.ts";
import type { ResolveInput } from "./input.ts";

export function resolvePythonRequirements(input: ResolveInput): Requirement[] {
  return resolveRequirements({
    ...input,
    setting: ["python", "requirements"],
    written: present(input.spec.python)?.requirements,
  });
}

/** Those of the key, then those of the official image's variable. */
export function resolveAirflowRequirements(input: ResolveInput): Requirement[] {
  const written = present(input.spec.airflow);
  const additional = written?.environment?.[additionalRequirements] ?? "";
  const setting = ["airflow", "environment", additionalRequirements];
  return [
    ...resolveRequirements({
      ...input,
      setting: ["airflow", "requirements"],
      written: written?.requirements,
    }),
    ...additional
      .split(/\s+/)
      .filter((text) => text !== "")
      .map((text) => ({ text, at: undefined, setting })),
  ];
}

/** A file that can't be read is left out here, and is a problem of the rules. */
function resolveRequirements(
  input: Pick<ResolveInput, "file" | "textOf"> & {
    readonly setting: readonly (string | number)[];
    readonly written: string | readonly string[] | undefined;
  },
): Requirement[] {
  const { file, textOf, setting, written } = input;
  if (written === undefined) return [];
  if (typeof written !== "string") {
    return written.map((text, index) => ({
      text: parseRequirement(text).text,
      at: undefined,
      setting: [...setting, index],
    }));
  }
  const from = path.resolve(path.dirname(file), written);
  return parseRequirements(textOf(from) ?? "").map(({ text, line }) => ({
    text,
    at: { file: from, line, column: 1 },
    setting,
  }));
}
