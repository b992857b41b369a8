import { readdir, readFile, readlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openEngine } from "./engine.ts";

/** What bears a prefix on this machine, by name and sorted: two of them can be compared. */
export interface Snapshot {
  readonly containers: readonly string[];
  readonly networks: readonly string[];
  readonly volumes: readonly string[];
  readonly locks: readonly string[];
  /** Command lines of processes that name the prefix, or work in a folder that does. */
  readonly processes: readonly string[];
}

/** Containers (running or not), networks, volumes, lock files and processes of a name prefix. */
export async function takeSnapshot(prefix: string): Promise<Snapshot> {
  const client = await (await openEngine()).client();
  const [containers, networks, { Volumes: volumes }, locks, processes] = await Promise.all([
    client.listContainers({ all: true }),
    client.listNetworks(),
    client.listVolumes(),
    readdir(join(tmpdir(), `dp-${process.getuid?.() ?? 0}`)).catch(() => []),
    findProcesses(prefix),
  ]);
  const own = (names: readonly string[]): string[] =>
    names.filter((name) => name.includes(prefix)).toSorted();
  return {
    containers: own(containers.map(({ Names: [name = ""] }) => name.slice(1))),
    networks: own(networks.map(({ Name: name }) => name)),
    volumes: own(volumes.map(({ Name: name }) => name)),
    locks: own(locks),
    processes,
  };
}

async function findProcesses(prefix: string): Promise<string[]> {
  const pids = (await readdir("/proc").catch(() => [])).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids
      .filter((pid) => Number(pid) !== process.pid)
      .map(async (pid) => {
        const command = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
        const folder = await readlink(`/proc/${pid}/cwd`).catch(() => "");
        const named = command.includes(prefix) || folder.includes(prefix);
        return named ? command.replaceAll("\0", " ").trim() : "";
      }),
  );
  return found.filter((command) => command !== "").toSorted();
}
