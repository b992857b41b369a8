import { tmpdir } from "node:os";
import type { Engine } from "../../docker/engine/connect.ts";
import { takeLock } from "./lock.ts";

/** Runs work that changes a stack, while no other dp of this machine may change it. */
export async function withStackLock<T>(
  stack: { readonly engine: Engine; readonly project: string; readonly command: string },
  work: () => Promise<T>,
): Promise<T> {
  const { engine, project, command } = stack;
  const release = await takeLock({
    tmpdir: tmpdir(),
    uid: process.getuid?.() ?? 0,
    engineId: await engine.id(),
    project,
    pid: process.pid,
    command,
  });
  try {
    return await work();
  } finally {
    await release();
  }
}
