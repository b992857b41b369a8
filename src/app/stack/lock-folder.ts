import { access, constants, lstat, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { DpError } from "../../errors.ts";

export interface LockPlace {
  /** Folder for temporary files of this machine. */
  readonly tmpdir: string;
  readonly uid: number;
}

/** Where a user's locks are: the same in a login shell, in cron and in CI. */
export function lockFolder({ tmpdir, uid }: LockPlace): string {
  return join(tmpdir, `dp-${uid}`);
}

/**
 * Creates the folder of a user's locks, unless it exists. Throws DpError `io-failed` for a folder in which
 * another user may create, replace or link files, and where none can be created.
 */
export async function prepareLockFolder(place: LockPlace): Promise<void> {
  const folder = lockFolder(place);
  try {
    // Not recursive: Node never returns from a recursive mkdir below /proc.
    await mkdir(folder, { mode: 0o700 });
  } catch (thrown) {
    const { code = "", message } = thrown as NodeJS.ErrnoException;
    if (code !== "EEXIST") throw refused(folder, message, hintForLockError(code), thrown);
  }
  const problem = await findFolderProblem(folder, place.uid);
  if (problem !== undefined) throw refused(folder, problem.reason, problem.hint);
}

export interface FolderProblem {
  readonly reason: string;
  readonly hint: string;
}

/** What makes a folder of locks unsafe; undefined for one that only the user can write to. */
export async function findFolderProblem(
  folder: string,
  uid: number,
): Promise<FolderProblem | undefined> {
  const found = await lstat(folder).catch((thrown: NodeJS.ErrnoException) => thrown);
  if (found instanceof Error) {
    return { reason: found.message, hint: hintForLockError(found.code ?? "") };
  }
  const hint = `remove ${folder}, or set TMPDIR to a folder of your own`;
  if (!found.isDirectory()) {
    const kind = found.isSymbolicLink() ? "a symbolic link" : "a file";
    return { reason: `${folder} is ${kind}, not a folder`, hint };
  }
  if (found.uid !== uid) {
    return { reason: `${folder} belongs to the user with id ${found.uid}, not to you`, hint };
  }
  const mode = found.mode & 0o777;
  if (mode === 0o700) return undefined;
  const reason = `${folder} has mode ${mode.toString(8).padStart(4, "0")}, not 0700`;
  return { reason, hint: `chmod 700 ${folder}` };
}

/**
 * What keeps a user's locks from being created here, without creating anything; undefined if nothing is known
 * that does. The folder itself may be missing, because the first lock creates it.
 */
export async function findPlaceProblem(place: LockPlace): Promise<FolderProblem | undefined> {
  const folder = lockFolder(place);
  const isMissing = await lstat(folder).then(
    () => false,
    ({ code }: NodeJS.ErrnoException) => code === "ENOENT",
  );
  if (!isMissing) return findFolderProblem(folder, place.uid);
  return access(place.tmpdir, constants.W_OK | constants.X_OK).then(
    () => undefined,
    ({ code = "", message }: NodeJS.ErrnoException) => ({
      reason: message,
      hint: hintForLockError(code),
    }),
  );
}

/** What helps when the system refuses to create a lock or its folder, by the error's code. */
export function hintForLockError(code: string): string {
  return ["ENOSPC", "EDQUOT"].includes(code)
    ? "free some disk space, or set TMPDIR to a folder on another disk"
    : "set TMPDIR to a folder that you can write to";
}

function refused(folder: string, reason: string, hint: string, cause?: unknown): DpError {
  const message = `can't use ${folder} for locks`;
  return new DpError({ code: "io-failed", message, why: reason, next: hint, cause });
}
