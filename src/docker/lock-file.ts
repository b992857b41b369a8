import { randomUUID } from "node:crypto";
import { link, rename, rm, writeFile } from "node:fs/promises";
import { sleep } from "../async/timers.ts";
import { isAlive, readLock, type Holder } from "./lock-holder.ts";

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
