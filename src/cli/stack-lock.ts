import { tmpdir } from "node:os";
import type { Engine } from "../docker/connect.ts";
import { takeLock } from "../docker/lock.ts";
import type { Host } from "./context.ts";

/** Runs work that changes a stack, while no other dp of this machine may change it. */
export async function withStackLock<T>(
  { engine, project, host }: { engine: Engine; project: string; host: Host },
  work: () => Promise<T>,
): Promise<T> {
  const { ID: engineId } = await engine.get<{ ID: string }>("/info", host.signal);
  const release = await takeLock({
    tmpdir: tmpdir(),
    uid: process.getuid?.() ?? 0,
    engineId,
    project,
    pid: process.pid,
    command: ["dp", ...process.argv.slice(2)].join(" "),
  });
  try {
    return await work();
  } finally {
    await release();
  }
}
