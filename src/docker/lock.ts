import { link, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { DpError } from "../errors.ts";

export interface LockInput {
  /** Folder for temporary files of this machine. */
  readonly tmpdir: string;
  readonly uid: number;
  readonly engineId: string;
  readonly project: string;
  readonly pid: number;
  /** The command that takes the lock, for the message to others. */
  readonly command: string;
}

interface Holder {
  readonly pid: number;
  /** Clock ticks since boot at which the process started: a pid alone may be somebody else's by now. */
  readonly startTime: string;
  readonly command: string;
}

/**
 * Takes the lock of a stack, for commands that change it; returns the function that gives it back.
 * A lock whose holder is dead counts as free. Throws DpError `locked` with the holder's pid and
 * command.
 */
export async function takeLock(input: LockInput): Promise<() => Promise<void>> {
  const folder = join(input.tmpdir, `dp-${input.uid}`);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = join(
    folder,
    `${input.engineId.replaceAll(/[^A-Za-z0-9]/g, "")}-${input.project}.lock`,
  );
  const holder: Holder = {
    pid: input.pid,
    startTime: (await readStartTime(input.pid)) ?? "",
    command: input.command,
  };
  const other = await takePath(path, holder);
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

/** The locks that this user has on this machine, on whatever engine. */
export async function listLocks({
  tmpdir,
  uid,
}: Pick<LockInput, "tmpdir" | "uid">): Promise<FoundLock[]> {
  const folder = join(tmpdir, `dp-${uid}`);
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith(".lock"));
  const found = await Promise.all(
    names.map(async (name) => {
      const path = join(folder, name);
      const holder = await readLock(path);
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

async function writeAside(path: string, holder: Holder): Promise<string> {
  const aside = `${path}.${holder.pid}`;
  await writeFile(aside, JSON.stringify(holder), { mode: 0o600 });
  return aside;
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
    await rename(await writeAside(path, holder), path);
    return true;
  } finally {
    await rm(right, { force: true });
  }
}

function identityOf(holder: Holder | "damaged"): string {
  return holder === "damaged" ? holder : `${holder.pid}-${holder.startTime}`;
}

async function readLock(path: string): Promise<Holder | "missing" | "damaged"> {
  try {
    return JSON.parse(await readFile(path, "utf8")) as Holder;
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === "ENOENT" ? "missing" : "damaged";
  }
}

async function isAlive(holder: Holder): Promise<boolean> {
  try {
    process.kill(holder.pid, 0);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== "EPERM") return false;
  }
  const startTime = await readStartTime(holder.pid);
  return startTime === undefined || startTime === holder.startTime;
}

/** Field 22 of proc(5)'s stat; undefined where there is no /proc. */
async function readStartTime(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
  return stat?.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
}

function locked(project: string, holder: Holder): DpError {
  return new DpError({
    code: "locked",
    message: `${project} is being changed by another dp`,
    why: `pid ${holder.pid}: ${holder.command}`,
    next: "wait for it to end, or stop it",
  });
}
