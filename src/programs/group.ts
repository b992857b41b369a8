import { toProgramEnd, type ProgramEnd } from "./program-end.ts";

export interface GroupInput {
  readonly program: string;
  readonly args: readonly string[];
  /** Called with each part of what it writes to standard error. */
  readonly onErrorText: (text: string) => void;
  /** How long all its processes have to end on SIGTERM before they get SIGKILL, in milliseconds. */
  readonly killAfterMs: number;
  readonly signal: AbortSignal;
}

/**
 * Runs a program as a group of processes. When the signal is aborted, all of them get SIGTERM, so that the
 * program can remove what it made, and the reason is thrown when the program has ended.
 */
export async function runGroup(input: GroupInput): Promise<ProgramEnd> {
  const { program, args, onErrorText, killAfterMs, signal } = input;
  const { execa } = await import("execa");
  signal.throwIfAborted();
  const child = execa(program, args, {
    stdin: "ignore",
    stdout: "ignore",
    stderr: "pipe",
    // A group of its own: Ctrl-C on a terminal reaches it only as the SIGTERM below, once, and for all of it.
    // It ends after dp when dp is ended by a second Ctrl-C, because it removes its files before.
    detached: true,
    // Its text is passed on as it comes, however much it is.
    buffer: false,
    reject: false,
  });
  child.stderr.setEncoding("utf8").on("data", onErrorText);
  let killer: NodeJS.Timeout | undefined;
  const stop = (): void => {
    killGroup(child.pid, "SIGTERM");
    killer = setTimeout(() => killGroup(child.pid, "SIGKILL"), killAfterMs);
  };
  signal.addEventListener("abort", stop, { once: true });
  try {
    const end = toProgramEnd(await child);
    signal.throwIfAborted();
    return end;
  } finally {
    clearTimeout(killer);
    signal.removeEventListener("abort", stop);
  }
}

function killGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // It has ended by itself.
  }
}
