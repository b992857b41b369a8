import { normalizeText } from "../files/text.ts";

/** A package of a requirements file or list, and what is wrong with it. */
export interface ReadRequirement {
  /** Without comments, on one line. */
  readonly text: string;
  /** From 1; in a list, 1. */
  readonly line: number;
  readonly problem: RequirementProblem | undefined;
}

export interface RequirementProblem {
  /** Continues the name of the place: `requirements.txt:3 …`. */
  readonly message: string;
  readonly hint: string;
}

/** The variable of the official image that names packages, separated by spaces. */
export const additionalRequirements = "_PIP_ADDITIONAL_REQUIREMENTS";

/**
 * The lines of a requirements file: https://pip.pypa.io/en/stable/reference/requirements-file-format/
 * A backslash at the end continues a line, ` #` begins a comment.
 */
export function parseRequirements(text: string): ReadRequirement[] {
  const lines = normalizeText(text).split("\n");
  const found: ReadRequirement[] = [];
  for (let index = 0; index < lines.length; index += 1) {
    const line = index + 1;
    let whole = lines[index] ?? "";
    while (whole.endsWith("\\") && index + 1 < lines.length) {
      index += 1;
      whole = `${whole.slice(0, -1)}${lines[index] ?? ""}`;
    }
    const requirement = whole.replace(/(^|\s)#.*$/, "").trim();
    if (requirement !== "") found.push({ ...parseRequirement(requirement), line });
  }
  return found;
}

/** One package of a list. */
export function parseRequirement(text: string): ReadRequirement {
  const trimmed = text.trim();
  const problem = problems.find(({ form }) => form.test(trimmed));
  if (problem) return { text: trimmed, line: 1, problem };
  if (isRequirement(trimmed)) return { text: trimmed, line: 1, problem: undefined };
  const message = `"${trimmed}" is not a package of PyPI`;
  return {
    text: trimmed,
    line: 1,
    problem: { message, hint: "write a name and versions, e.g. pandas>=2.2" },
  };
}

const problems: readonly (RequirementProblem & { readonly form: RegExp })[] = [
  {
    form: /^(-e|--editable)\b/,
    message: "has -e: editable packages can't be part of an image",
    hint: "remove the line; steps and DAGs import the code in the folder of pipeline.yaml without it",
  },
  {
    form: /^(-r|--requirement|-c|--constraint)\b/,
    message: "names another file",
    hint: "copy the lines of that file here",
  },
  {
    form: /--hash\b/,
    message: "has a hash",
    hint: "remove --hash; dp keeps the hashes of the resolved versions in the image",
  },
  {
    form: /^-/,
    message: "is an option of pip",
    hint: "remove the line; only packages are supported",
  },
  {
    form: /^[a-z+]+:|@\s*[a-z+]+:|^\.{0,2}\/|\.(whl|zip|tar\.gz)$/i,
    message: "is a URL or a path, and packages come from PyPI only",
    hint: "write the name and version of a package of PyPI",
  },
];

/**
 * Name, extras, versions and marker: https://packaging.python.org/en/latest/specifications/dependency-specifiers/
 * The installer checks the marker.
 */
function isRequirement(text: string): boolean {
  const name = String.raw`[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?`;
  const extras = String.raw`(?:\s*\[[A-Za-z0-9._,\s-]*\])?`;
  const version = String.raw`(?:===|==|~=|!=|<=|>=|<|>)\s*[A-Za-z0-9.*+!_-]+`;
  const versions = String.raw`(?:\s*\(?${version}(?:\s*,\s*${version})*\)?)?`;
  return new RegExp(`^${name}${extras}${versions}\\s*(?:;.*)?$`).test(text);
}
