import { DpError } from "../../errors.ts";
import type { Requirement } from "../../model/settings.ts";
import { parseOutputLine } from "./package-output.ts";

interface Requirements {
  readonly airflow: readonly Requirement[];
  readonly python: readonly Requirement[];
}

/**
 * The failure of a package layer: the installer's message and the requirement that it names. Undefined
 * when the build failed before it came to the packages, for another reason than the network.
 */
export function packageFailure(input: {
  readonly failure: DpError;
  /** What the build printed. */
  readonly output: readonly string[];
  readonly packages: Requirements;
}): DpError | undefined {
  const { failure, output, packages } = input;
  const environment = output.findLast((line) => parseOutputLine(line)?.environment);
  const name = environment && parseOutputLine(environment)?.environment;
  if (!environment || !name) return installerFailure(failure, output);
  const lines = output.slice(output.lastIndexOf(environment) + 1);
  const begin = Math.max(
    0,
    lines.findIndex((line) => line.startsWith("error: ")),
  );
  const text = lines.slice(begin).filter((line) => line.trim() !== "");
  const known = kinds.find(({ form }) => form.test(text.join("\n")));
  const kind = known ?? otherFailure;
  const requirement = kind.namesPackage ? guiltyRequirement(packages[name], text) : undefined;
  const key = `${name}.requirements`;
  return new DpError({
    code: "build-failed",
    message: `${kind.message} ${requirement ? `"${requirement.text}" of ${key}` : key}`,
    why: kind.reason(text),
    evidence: kind.evidence(text),
    next: kind.hint(name),
    ...(requirement?.at ? { at: requirement.at } : { setting: requirement?.setting }),
    cause: failure,
  });
}

/** The build failed before it came to the packages: most often nothing can be downloaded. */
function installerFailure(failure: DpError, output: readonly string[]): DpError | undefined {
  const line = output.findLast((each) => unreachable.test(each));
  if (line === undefined) return undefined;
  const message = "can't download uv, which installs the packages of pipeline.yaml";
  const { evidence } = failure;
  const next = networkHint;
  return new DpError({ code: "build-failed", message, why: line, evidence, next, cause: failure });
}

/** Messages of apt, pip, and uv. */
const unreachable =
  /^E: (?:Failed to fetch|Unable to locate package)|No matching distribution found for uv|Failed to fetch|Request failed after/;
const networkHint =
  "check that the engine can reach PyPI: HTTPS_PROXY, NO_PROXY, and SSL_CERT_FILE of this machine apply";

interface Kind {
  readonly message: string;
  readonly namesPackage: boolean;
  readonly reason: (lines: readonly string[]) => string;
  readonly evidence: (lines: readonly string[]) => readonly string[];
  readonly hint: (environment: "airflow" | "python") => string;
}

const evidenceLines = 30;
const noEvidence = (): readonly string[] => [];

/** Without uv's margin. */
function joined(lines: readonly string[]): string {
  return lines
    .filter((line) => !line.startsWith("hint: ") && line !== noSolution)
    .map((line) => line.replace(/^(error: |\s*cause: |\s+)/, ""))
    .join(" ");
}

const noSolution = "error: No solution found when resolving dependencies";

/** Messages of uv 0.13; the first that fits counts. */
const kinds: readonly (Kind & { readonly form: RegExp })[] = [
  {
    form: /was not found in the package registry|There are no versions of|there is no version of/,
    message: "can't find",
    namesPackage: true,
    reason: joined,
    evidence: noEvidence,
    hint: () => "correct its name or its version",
  },
  {
    form: /No solution found when resolving/,
    message: "can't install",
    namesPackage: true,
    reason: joined,
    evidence: noEvidence,
    hint: (environment) =>
      environment === "airflow"
        ? "change its version, or run the code that needs it with @task.virtualenv, which has packages of its own"
        : "change its version, or run the code that needs it in a custom DAG with @task.virtualenv",
  },
  {
    form: /Failed to build `|Failed to download and build `/,
    message: "can't build",
    namesPackage: true,
    reason: ([first = ""]) =>
      `${first.replace(/^error: /, "")}: it has no wheel for this Python, and the image has no compiler`,
    evidence: (lines) => lines.slice(-evidenceLines),
    hint: (environment) =>
      environment === "airflow"
        ? "choose a version with a wheel, or set airflow.image to an image that has the package"
        : "choose a version with a wheel, or another package",
  },
  {
    form: /Failed to fetch|Failed to download|Request failed after/,
    message: "can't download the packages of",
    namesPackage: false,
    reason: joined,
    evidence: noEvidence,
    hint: () => networkHint,
  },
  {
    form: /Couldn't parse requirement/,
    message: "can't read",
    namesPackage: true,
    reason: joined,
    evidence: noEvidence,
    hint: () => "write a name and versions, e.g. pandas>=2.2",
  },
];

/** The packages were installed, and a check of the result failed. */
const otherFailure: Kind = {
  message: "a check failed with the packages of",
  namesPackage: false,
  reason: (lines) => lines.at(-1)?.trim() ?? "",
  evidence: (lines) => lines.slice(-evidenceLines),
  hint: () => "remove the package that changes what the check uses, or change its version",
};

/** The requirement that the message names as one of the user's, else the first that it names at all. */
function guiltyRequirement(
  requirements: readonly Requirement[],
  lines: readonly string[],
): Requirement | undefined {
  const text = lines.join("\n").toLowerCase();
  const required = [...text.matchAll(/you require ([a-z0-9._-]*[a-z0-9])/g)].map(([, name = ""]) =>
    normalizeName(name),
  );
  const mentioned = text.match(/[a-z0-9][a-z0-9._-]*[a-z0-9]|[a-z0-9]/g)?.map(normalizeName) ?? [];
  for (const names of [required, mentioned]) {
    const found = requirements.find((requirement) => names.includes(nameOf(requirement)));
    if (found) return found;
  }
  return undefined;
}

function nameOf({ text }: Requirement): string {
  return normalizeName(/^[A-Za-z0-9._-]*[A-Za-z0-9]/.exec(text)?.[0] ?? text);
}

/** https://packaging.python.org/en/latest/specifications/name-normalization/ */
function normalizeName(name: string): string {
  return name.toLowerCase().replaceAll(/[-_.]+/g, "-");
}
