import { toProgramEnd, type ProgramEnd } from "./program-end.ts";

export interface AttachedInput {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** All of its environment. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborted before the program is started: the reason is thrown. */
  readonly signal: AbortSignal;
}

export interface AttachedProgram {
  /** Sends it a signal. Does nothing when it has ended. */
  readonly kill: (signal: NodeJS.Signals) => void;
  readonly end: Promise<ProgramEnd>;
}

/** Starts a program of the user on dp's own standard streams. */
export async function startAttached(input: AttachedInput): Promise<AttachedProgram> {
  const { program, args, cwd, env, signal } = input;
  const { execa } = await import("execa");
  signal.throwIfAborted();
  const child = execa(program, args, {
    cwd,
    env,
    extendEnv: false,
    // It gets the streams themselves, so its bytes do not pass dp. It is in the group of dp, so Ctrl-C on a
    // terminal reaches it.
    stdio: "inherit",
    detached: false,
    // It ends by itself or by the signals that are passed on: a program that takes long to end on SIGTERM must
    // not get SIGKILL.
    cleanup: false,
    forceKillAfterDelay: false,
    reject: false,
  });
  return { kill: (signal) => void child.kill(signal), end: child.then(toProgramEnd) };
}
