import type Dockerode from "dockerode";
import type { ReadyCheck } from "../../model/settings.ts";
import { createArchive } from "./archive.ts";
import { readFirstFile } from "./read-archive.ts";

const path = "/etc/dp/ready";
const command = ["/bin/sh", path];

/** The check as its label has it: a command may contain secrets, so its label names a file of the container. */
export function toLabel(ready: ReadyCheck): ReadyCheck {
  return ready.kind === "exec" ? { ...ready, command } : ready;
}

/** Writes a check's command into a container that does not run yet; does nothing for other checks. */
export async function writeReadyFile(
  container: Dockerode.Container,
  ready: ReadyCheck | undefined,
  signal: AbortSignal,
): Promise<void> {
  if (ready?.kind !== "exec") return;
  const entries = [{ path, content: formatReadyFile(ready.command) }];
  await container.putArchive(await createArchive({ entries }), { path: "/", abortSignal: signal });
}

/** Whether a command is the one that toLabel puts in the place of another. */
export function runsReadyFile(words: readonly string[]): boolean {
  return words.length === command.length && words.every((word, index) => word === command[index]);
}

/** The command behind the label, for a container without a shell to run the file. */
export async function readReadyCommand(
  container: Dockerode.Container,
  signal: AbortSignal,
): Promise<string[]> {
  const stream = await container.getArchive({ path, abortSignal: signal });
  return parseReadyFile(await readFirstFile(stream));
}

/** A shell script; its second line has the command as JSON. */
export function formatReadyFile(words: readonly string[]): string {
  const quoted = words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
  return `#!/bin/sh\n# ${JSON.stringify(words)}\nexec ${quoted}\n`;
}

export function parseReadyFile(text: string): string[] {
  const [, line = ""] = text.split("\n", 2);
  return JSON.parse(line.slice("# ".length)) as string[];
}
