import { randomUUID } from "node:crypto";
import { link, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { sleep } from "../../async/timers.ts";
import { readLock, type Holder } from "./lock-holder.ts";
import { isAlive } from "../../process-identity.ts";

/** Takes the lock at `path`; returns its living holder when it is taken. */
export async function takePath(path: string, holder: Holder): Promise<Holder | undefined> {
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

/**
 * Writes a file of its own beside the lock: the creation is exclusive, and the name is random. It names the
 * writer as well, because the content may be missing when the writer is killed.
 */
async function writeAside(path: string, holder: Holder): Promise<string> {
  const aside = `${path}.new-${identityOf(holder)}-${randomUUID()}`;
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

/** Names that `writeAside` gives, with the pid and the start time of the writer. */
const asideName = /\.lock(?:\.after-[a-z0-9-]+)*\.new-(\d+)-(\d*)-[0-9a-f-]{36}$/;
/** Names of the locks that `takeOver` takes. */
const rightName = /\.lock(?:\.after-(?:damaged|\d+-\d*))+$/;

/**
 * Removes what killed processes left beside the locks of a folder, except the locks themselves. Files of
 * living processes are kept. A file that can't be removed is kept as well: it is small and does no harm.
 */
export async function removeLeftovers(folder: string, holder: Holder): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names) {
    await removeLeftover(join(folder, name), holder).catch(() => undefined);
  }
}

async function removeLeftover(path: string, holder: Holder): Promise<void> {
  const [, pid, startTime = ""] = asideName.exec(path) ?? [];
  if (pid !== undefined) {
    if (!(await isAlive({ pid: Number(pid), startTime }))) await rm(path, { force: true });
  } else if (rightName.test(path)) {
    // Only its holder may remove it, because a living process may take it over at any moment.
    if ((await takePath(path, holder)) === undefined) await rm(path, { force: true });
  }
}
