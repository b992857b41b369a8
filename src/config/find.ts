import { statSync } from "node:fs";
import path from "node:path";
import { DpError, messageOf } from "../errors.ts";
import { readInputFile } from "../files/input-stream.ts";
import { NotRegularError, readRegularFileSync } from "../files/regular-file.ts";
import { parseDotenv, type DotenvProblem } from "./dotenv.ts";
import { isValidName } from "./name.ts";
import type { FileKind } from "./rules/rule.ts";
import { ownValue } from "../stack/own-value.ts";

const fileName = "pipeline.yaml";

/** In bytes: far more than anybody writes, and little enough to be read at once. */
const maxTextBytes = 64_000_000;

export interface Environment {
  readonly [name: string]: string | undefined;
}

/** What flags and the environment say about the file and the stack. */
export interface FileChoice {
  /** Absolute path of the working directory. */
  readonly cwd: string;
  /** `--file`; DP_FILE of the environment when left out. */
  readonly file?: string | undefined;
  /** `--project`; DP_PROJECT of the environment when left out. */
  readonly project?: string | undefined;
  /** `--profile`; DP_PROFILE of the environment when left out. `none` is no profile. */
  readonly profile?: string | undefined;
  /** The words after each `--set`. */
  readonly set?: readonly string[];
  readonly env: Environment;
}

/**
 * The absolute path of the file to use: the one that is named, or the nearest pipeline.yaml from the
 * working directory up to the root of the git repository. Undefined when none is named and none is
 * found. Throws DpError "no-file" when the named one does not exist.
 */
export function findFile({ cwd, file, env }: FileChoice): string | undefined {
  const named = file ?? nonEmpty(env["DP_FILE"]);
  if (named !== undefined) {
    const wanted = path.resolve(cwd, named);
    const kind = kindOf(wanted);
    if (isReadable(kind)) return wanted;
    const inside = path.join(wanted, fileName);
    if (kind === "folder" && isReadable(kindOf(inside))) return inside;
    throw new DpError({
      code: "no-file",
      message: kind === "folder" ? `no ${fileName} in ${wanted}` : `there is no file ${wanted}`,
      next:
        file === undefined
          ? "DP_FILE names it: correct or unset it"
          : "check the path after --file",
    });
  }
  for (let folder = path.resolve(cwd); ; folder = path.dirname(folder)) {
    const candidate = path.join(folder, fileName);
    if (isReadable(kindOf(candidate))) return candidate;
    const isTop = folder === path.dirname(folder);
    if (isTop || kindOf(path.join(folder, ".git")) !== "missing") return undefined;
  }
}

/** As findFile, but throws DpError "no-file" when there is none, too. */
export function requireFile(choice: FileChoice): string {
  const file = findFile(choice);
  if (file !== undefined) return file;
  const misnamed = path.join(choice.cwd, "pipeline.yml");
  const isMisnamed = kindOf(misnamed) === "file";
  throw new DpError({
    code: "no-file",
    message: `no ${fileName} in ${choice.cwd} or above it`,
    next: isMisnamed
      ? `rename pipeline.yml to ${fileName}, or name it with --file`
      : `write one (two lines do: "name: shop" and "kafka:"), or name it with --file`,
  });
}

/** A FIFO or a device is one that is found, too: reading says what is wrong with it. */
function isReadable(kind: FileKind): boolean {
  return kind === "file" || kind === "special file";
}

/** The text of a file, or of what the shell passes as one. Throws DpError "io-failed" with the reason. */
export async function readText(file: string): Promise<string> {
  try {
    return (await readInputFile(file, { maxBytes: maxTextBytes })).toString();
  } catch (error) {
    throw unreadable(file, error);
  }
}

function unreadable(file: string, error: unknown): DpError {
  return new DpError({
    code: "io-failed",
    message: `can't read ${file}`,
    why: messageOf(error),
    next: error instanceof NotRegularError ? `put a regular file at ${file}` : undefined,
    cause: error,
  });
}

export type VariablePlace = "environment" | ".env";

/** The variables of a pipeline.yaml. One that is set but empty counts as set. */
export interface Variables {
  /** Undefined when it is not set. Throws DpError "invalid-file" for a value of `.env` that can't be used. */
  readonly valueOf: (name: string) => string | undefined;
  readonly placeOf: (name: string) => VariablePlace | undefined;
}

/**
 * Looks variables up for a pipeline.yaml: in the environment, then in `.env` beside the file. Throws DpError
 * "invalid-file" when a line of `.env` is not an assignment.
 */
export function variablesFor(file: string, env: Environment): Variables {
  const dotenv = dotenvOf(file);
  const { values, unfilled, problems } = parseDotenv(readDotenv(file), (name) =>
    ownValue(env, name),
  );
  const [first] = problems;
  if (first) throw invalidDotenv(dotenv, first);
  const placeOf = (name: string): VariablePlace | undefined => {
    if (ownValue(env, name) !== undefined) return "environment";
    return values.has(name) || unfilled.has(name) ? ".env" : undefined;
  };
  const valueOf = (name: string): string | undefined => {
    const value = ownValue(env, name);
    if (value !== undefined) return value;
    const problem = unfilled.get(name);
    if (problem) throw invalidDotenv(dotenv, problem, name);
    return values.get(name);
  };
  return { valueOf, placeOf };
}

/**
 * The text of the `.env` beside a pipeline.yaml; empty when there is none. Throws DpError "io-failed" with the
 * reason.
 */
export function readDotenv(file: string): string {
  const dotenv = dotenvOf(file);
  if (!isReadable(kindOf(dotenv))) return "";
  try {
    return readRegularFileSync(dotenv, { maxBytes: maxTextBytes }).toString();
  } catch (error) {
    throw unreadable(dotenv, error);
  }
}

function dotenvOf(file: string): string {
  return path.join(path.dirname(file), ".env");
}

function invalidDotenv(file: string, { line, reason }: DotenvProblem, name?: string): DpError {
  return new DpError({
    code: "invalid-file",
    message:
      name === undefined
        ? `.env:${line} is not an assignment`
        : `.env:${line}: the value of ${name} can't be filled in`,
    why: reason,
    next:
      name === undefined
        ? "write NAME=value, or begin the line with # for a comment"
        : "put the value in single quotes if its dollar sign stands for itself",
    at: { file, line, column: 1 },
  });
}

/** The name that `--project` or DP_PROJECT gives. Throws DpError "usage" when it is not valid. */
export function chosenProject({ project, env }: FileChoice): string | undefined {
  const chosen = project ?? nonEmpty(env["DP_PROJECT"]);
  if (chosen === undefined || isValidName(chosen)) return chosen;
  throw new DpError({
    code: "usage",
    message: `"${chosen}" cannot be the name of a stack`,
    why: "names have 2 to 40 lower-case letters, digits or dashes, begin with a letter, and are not host, none, bridge or default",
    next:
      project === undefined ? "correct or unset DP_PROJECT" : "choose another name for --project",
  });
}

/** The profile that `--profile` or DP_PROFILE names; undefined when neither is given. */
export function givenProfile({ profile, env }: FileChoice): string | undefined {
  return profile ?? nonEmpty(env["DP_PROFILE"]);
}

/** What lies at a path; what can't be looked at is missing, too. */
export function kindOf(file: string): FileKind {
  try {
    const stats = statSync(file);
    if (stats.isDirectory()) return "folder";
    return stats.isFile() ? "file" : "special file";
  } catch {
    return "missing";
  }
}

/** The text of a file, for checks; undefined when it can't be read. */
export function textOf(file: string): string | undefined {
  try {
    return readRegularFileSync(file, { maxBytes: maxTextBytes }).toString();
  } catch {
    return undefined;
  }
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === "" ? undefined : text;
}
