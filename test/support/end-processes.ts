import { readdir, readFile } from "node:fs/promises";

/** Kills the processes of this machine whose command line has `mark`, a path that a test made. */
export async function endProcesses(mark: string): Promise<void> {
  const pids = (await readdir("/proc")).map(Number).filter((pid) => pid > 0 && pid !== process.pid);
  for (const pid of pids) {
    const command = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
    if (command.includes(mark)) process.kill(pid, "SIGKILL");
  }
}
