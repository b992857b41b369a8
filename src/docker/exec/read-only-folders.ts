import type Dockerode from "dockerode";
import { runInContainer } from "./exec.ts";

const timeoutMs = 10_000;

/**
 * The folders of a container that its user can't write to. Only the container knows, because some engines
 * translate the owners of mounted files.
 */
export async function findReadOnlyFolders(
  container: Dockerode.Container,
  folders: readonly string[],
  signal: AbortSignal,
): Promise<string[]> {
  if (folders.length === 0) return [];
  const script = 'for path; do [ ! -d "$path" ] || [ -w "$path" ] || echo "$path"; done';
  const command = ["/bin/sh", "-c", script, "sh", ...folders];
  const { stdout } = await runInContainer({ container, command, timeoutMs, signal });
  const found = new Set(stdout.split("\n"));
  return folders.filter((folder) => found.has(folder));
}
