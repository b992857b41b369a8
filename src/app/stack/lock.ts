import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { DpError } from "../../errors.ts";
import { removeLeftovers, takePath } from "./lock-file.ts";
import {
  findFolderProblem,
  hintForLockError,
  lockFolder,
  prepareLockFolder,
  type LockPlace,
} from "./lock-folder.ts";
import { readLock, type Holder } from "./lock-holder.ts";
import { isAlive, readStartTime } from "../../process-identity.ts";

export interface LockInput extends LockPlace {
  readonly engineId: string;
  readonly project: string;
  readonly pid: number;
  /** The command that takes the lock, for the message to others. */
  readonly command: string;
}

/**
 * Takes the lock of a stack, for commands that change it; returns the function that gives it back.
 * A lock whose holder is dead counts as free, as does a file that is no lock. Throws DpError `locked` with
 * the holder's pid and command, and `io-failed` when this machine has no safe place for the lock.
 */
export async function takeLock(input: LockInput): Promise<() => Promise<void>> {
  await prepareLockFolder(input);
  const engine = input.engineId.replaceAll(/[^A-Za-z0-9]/g, "");
  const path = join(lockFolder(input), `${engine}-${input.project}.lock`);
  const holder: Holder = {
    pid: input.pid,
    startTime: (await readStartTime(input.pid)) ?? "",
    command: input.command,
  };
  const other = await takePath(path, holder).catch((thrown: unknown) => {
    throw lockFailed(input.project, path, thrown);
  });
  if (other) throw locked(input.project, other);
  await removeLeftovers(lockFolder(input), holder);
  return () => rm(path, { force: true });
}

export interface FoundLock {
  readonly path: string;
  readonly pid: number;
  readonly command: string;
  /** False for one whose holder is dead: it counts as free. */
  readonly alive: boolean;
}

/** The locks that this user has on this machine, on whatever engine; none in a folder that is not safe. */
export async function listLocks(place: LockPlace): Promise<FoundLock[]> {
  const folder = lockFolder(place);
  if ((await findFolderProblem(folder, place.uid)) !== undefined) return [];
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith(".lock"));
  const found = await Promise.all(
    names.map(async (name) => {
      const path = join(folder, name);
      const holder = await readLock(path).catch(() => "damaged" as const);
      if (holder === "missing" || holder === "damaged") return [];
      const { pid, command } = holder;
      return [{ path, pid, command, alive: await isAlive(holder) }];
    }),
  );
  return found.flat();
}

function lockFailed(project: string, path: string, thrown: unknown): DpError {
  const { code = "", message } = thrown as NodeJS.ErrnoException;
  const isFolder = ["EISDIR", "ENOTEMPTY", "EEXIST"].includes(code);
  return new DpError({
    code: "io-failed",
    message: `can't lock ${project}`,
    why: isFolder ? `${path} is a folder, not a lock` : message,
    next: isFolder ? `remove the folder ${path}` : hintForLockError(code),
    cause: thrown,
  });
}

function locked(project: string, holder: Holder): DpError {
  return new DpError({
    code: "locked",
    message: `${project} is being changed by another dp`,
    why: `pid ${holder.pid}: ${holder.command}`,
    next: "wait for it to end, or stop it",
  });
}
