import { NotRegularError, readRegularFile } from "../../files/regular-file.ts";
import type { ProcessIdentity } from "../../process-identity.ts";

/** The process that has a lock, as the lock's file says. */
export interface Holder extends ProcessIdentity {
  readonly command: string;
}

/** Far more than a lock with a long command has. */
const maxLockBytes = 1_000_000;

/** Throws what keeps a lock from being read: its holder may be alive. */
export async function readLock(path: string): Promise<Holder | "missing" | "damaged"> {
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
  if (typeof startTime !== "string" || !/^\d*$/.test(startTime)) return undefined;
  if (typeof command !== "string") return undefined;
  if (pid === undefined || !Number.isSafeInteger(pid) || pid < 1) return undefined;
  return { pid, startTime, command };
}
