import { realpath } from "node:fs/promises";
import { join, relative } from "node:path";
import { isOutside } from "../../../files/real-path.ts";
import { readOutput } from "../../../programs/read-output.ts";

/** How the content of a file before the fixes is kept. */
export type Backup =
  /** It is the content of the last commit. */
  | "git"
  /** A copy beside the file, because git has no such content. */
  | "copy-uncommitted"
  | "copy-untracked";

/** Paths relative to a folder: what git tracks, and what of it differs from the last commit. */
export interface GitState {
  readonly tracked: ReadonlySet<string>;
  readonly changed: ReadonlySet<string>;
}

/** A file that is going to change. */
export interface Target {
  /** Relative to the folder of DAGs, as it was linted. */
  readonly file: string;
  /** Absolute, without links. */
  readonly path: string;
  readonly backup: Backup;
}

const gitTimeoutMs = 30_000;

/** Undefined where git is missing, or knows no commit of the folder. */
export async function readGitState(
  folder: string,
  signal: AbortSignal,
): Promise<GitState | undefined> {
  const read = async (args: readonly string[]): Promise<ReadonlySet<string> | undefined> => {
    const text = await readOutput({
      program: "git",
      args,
      cwd: folder,
      timeoutMs: gitTimeoutMs,
      signal,
    });
    return text === undefined ? undefined : new Set(text.split("\0").filter(Boolean));
  };
  const [tracked, changed] = await Promise.all([
    read(["ls-files", "--cached", "-z"]),
    read(["diff", "HEAD", "--name-only", "--relative", "-z", "--", "."]),
  ]);
  return tracked && changed && { tracked, changed };
}

/** The files to write for the changed ones, a link's file once. */
export async function findTargets(
  folder: string,
  files: readonly string[],
  git: GitState | undefined,
): Promise<Target[]> {
  const root = await realpath(folder);
  const targets = new Map<string, Target>();
  for (const file of files) {
    // oxlint-disable-next-line no-await-in-loop -- a handful of files
    const path = await realpath(join(root, file));
    const within = relative(root, path);
    if (isOutside(within) || targets.has(path)) continue;
    targets.set(path, { file, path, backup: chooseBackup(within, git) });
  }
  return [...targets.values()];
}

export function chooseBackup(file: string, git: GitState | undefined): Backup {
  if (git === undefined || !git.tracked.has(file)) return "copy-untracked";
  return git.changed.has(file) ? "copy-uncommitted" : "git";
}
