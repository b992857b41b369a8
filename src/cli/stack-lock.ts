import { tmpdir } from "node:os";
import type { Engine } from "../docker/connect.ts";
import { takeLock } from "../docker/lock.ts";
import { isOperand } from "./command-table.ts";

/** The command without its arguments, which may contain secrets: others print it. */
export function describeCommand(words: readonly string[]): string {
  return `dp ${words.find((_, index) => isOperand(words, index)) ?? ""}`.trimEnd();
}

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
    command: describeCommand(process.argv.slice(2)),
  });
  try {
    return await work();
  } finally {
    await release();
  }
}
