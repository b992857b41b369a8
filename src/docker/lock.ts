import { link, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
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
  const content = JSON.stringify(holder);
  while (!(await createWhole(path, content, input.pid))) {
    const other = await readHolder(path);
    if (other && (await isAlive(other))) throw locked(input.project, other);
    await removeStale(path, other, input.pid);
  }
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
      const holder = await readHolder(path);
      if (!holder) return [];
      const { pid, command } = holder;
      return [{ path, pid, command, alive: await isAlive(holder) }];
    }),
  );
  return found.flat();
}

/** Writes aside and links, so that nobody ever reads half a lock. Returns false when one exists. */
async function createWhole(path: string, content: string, pid: number): Promise<boolean> {
  const aside = `${path}.${pid}`;
  await writeFile(aside, content, { mode: 0o600 });
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

/** Moves a dead holder's lock away; a living one that came in between is put back. */
async function removeStale(path: string, judged: Holder | undefined, pid: number): Promise<void> {
  const aside = `${path}.stale-${pid}`;
  await rename(path, aside).catch(() => {});
  const moved = await readHolder(aside);
  if (moved && moved.pid !== judged?.pid) await link(aside, path).catch(() => {});
  await rm(aside, { force: true });
}

async function readHolder(path: string): Promise<Holder | undefined> {
  try {
    return JSON.parse(await readFile(path, "utf8")) as Holder;
  } catch {
    return undefined;
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
