import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execaSync } from "execa";
import { onTestFinished } from "vitest";

/** A new folder that is removed after the test. */
export async function createFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "dp-files-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Creates a FIFO in a folder, without a writer; returns its path. */
export function createFifo(folder: string, name: string): string {
  const path = join(folder, name);
  execaSync("mkfifo", [path]);
  return path;
}
