import { tmpdir } from "node:os";
import type { Engine } from "../docker/connect.ts";
import { takeLock } from "../docker/lock.ts";

/** Runs work that changes a stack, while no other dp of this machine may change it. */
export async function withStackLock<T>(
  { engine, project }: { engine: Engine; project: string },
  work: () => Promise<T>,
): Promise<T> {
  const release = await takeLock({
    tmpdir: tmpdir(),
    uid: process.getuid?.() ?? 0,
    engineId: await engine.id(),
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
