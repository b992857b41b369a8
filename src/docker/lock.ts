import { randomUUID } from "node:crypto";
import { link, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { sleep } from "../async/timers.ts";
import { DpError } from "../errors.ts";
import { NotRegularError, readRegularFile } from "../files/regular-file.ts";
import {
  findFolderProblem,
  hintForLockError,
  lockFolder,
  prepareLockFolder,
  type LockPlace,
} from "./lock-folder.ts";

export interface LockInput extends LockPlace {
  readonly engineId: string;
  readonly project: string;
  readonly pid: number;
  /** The command that takes the lock, for the message to others. */
  readonly command: string;
}

interface Holder {
  readonly pid: number;
  /**
   * Clock ticks since boot at which the process started, because a pid may belong to another process by now;
   * empty if unknown.
   */
  readonly startTime: string;
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

/** Takes the lock at `path`; returns its living holder when it is taken. */
async function takePath(path: string, holder: Holder): Promise<Holder | undefined> {
  for (;;) {
    if (await createWhole(path, holder)) return undefined;
    const found = await readLock(path);
    if (found === "missing") continue;
    if (found !== "damaged" && (await isAlive(found))) return found;
    if (await takeOver({ path, dead: found, holder })) return undefined;
  }
}

/** Writes aside and links, so that nobody ever reads half a lock. Returns false when one exists. */
async function createWhole(path: string, holder: Holder): Promise<boolean> {
  const aside = await writeAside(path, holder);
  try {
    await link(aside, path);
    return true;
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw thrown;
  } finally {
    await rm(aside, { force: true });
  }
}

/** Writes a file of its own beside the lock: the name is random and the creation exclusive. */
async function writeAside(path: string, holder: Holder): Promise<string> {
  const aside = `${path}.${randomUUID()}`;
  try {
    await writeFile(aside, JSON.stringify(holder), { mode: 0o600, flag: "wx" });
    return aside;
  } catch (thrown) {
    await rm(aside, { force: true });
    throw thrown;
  }
}

const pauseMs = 5;

/**
 * Puts a lock in the place of a dead holder's; false when somebody else was first. Only who has the
 * lock on that very holder may do so, and the lock itself is never away in between: so of many that
 * come at once one gets it.
 */
async function takeOver(what: {
  readonly path: string;
  readonly dead: Holder | "damaged";
  readonly holder: Holder;
}): Promise<boolean> {
  const { path, dead, holder } = what;
  const right = `${path}.after-${identityOf(dead)}`;
  if ((await takePath(right, holder)) !== undefined) {
    await sleep(pauseMs);
    return false;
  }
  try {
    const found = await readLock(path);
    if (found === "missing" || identityOf(found) !== identityOf(dead)) return false;
    const aside = await writeAside(path, holder);
    await rename(aside, path).catch(async (thrown: unknown) => {
      await rm(aside, { force: true });
      throw thrown;
    });
    return true;
  } finally {
    await rm(right, { force: true });
  }
}

function identityOf(holder: Holder | "damaged"): string {
  return holder === "damaged" ? holder : `${holder.pid}-${holder.startTime}`;
}

/** Far more than a lock with a long command has. */
const maxLockBytes = 1_000_000;

/** Throws what keeps a lock from being read: its holder may be alive. */
async function readLock(path: string): Promise<Holder | "missing" | "damaged"> {
  let text: Buffer;
  try {
    text = await readRegularFile(path, { maxBytes: maxLockBytes, followLinks: false });
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException;
    if (code === "ENOENT") return "missing";
    // `O_NOFOLLOW` reports a link as ELOOP, and a socket can't be opened at all.
    if (thrown instanceof NotRegularError || code === "ELOOP" || code === "ENXIO") return "damaged";
    throw thrown;
  }
  return parseHolder(text.toString()) ?? "damaged";
}

/** Undefined for what no dp writes, such as pid 0 or -1, which stand for groups of processes. */
function parseHolder(text: string): Holder | undefined {
  let parsed: Partial<Holder> | null;
  try {
    parsed = JSON.parse(text) as Partial<Holder> | null;
  } catch {
    return undefined;
  }
  const { pid, startTime, command } = parsed ?? {};
  if (typeof startTime !== "string" || typeof command !== "string") return undefined;
  if (pid === undefined || !Number.isSafeInteger(pid) || pid < 1) return undefined;
  return { pid, startTime, command };
}

/** Whether the process runs, and is not another one that has got its pid since. */
export async function isAlive(holder: Pick<Holder, "pid" | "startTime">): Promise<boolean> {
  try {
    process.kill(holder.pid, 0);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== "EPERM") return false;
  }
  const startTime = await readStartTime(holder.pid);
  return startTime === undefined || ["", startTime].includes(holder.startTime);
}

/** Field 22 of proc(5)'s stat; undefined where there is no /proc. */
export async function readStartTime(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
  return stat?.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
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
