import { readFile } from "node:fs/promises";

/** A process, also after its end. */
export interface ProcessIdentity {
  readonly pid: number;
  /**
   * Clock ticks since boot at which the process started, because a pid may belong to another process by now;
   * empty if unknown.
   */
  readonly startTime: string;
}

/** Whether the process runs, and is not another one that has got its pid since. */
export async function isAlive({ pid, startTime }: ProcessIdentity): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== "EPERM") return false;
  }
  const found = await readStartTime(pid);
  return found === undefined || ["", found].includes(startTime);
}

/** Field 22 of proc(5)'s stat; undefined where there is no /proc. */
export async function readStartTime(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
  return stat?.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
}
