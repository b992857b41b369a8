import { constants } from "node:os";
import { DpError, messageOf } from "../errors.ts";
import type { Host } from "../app/request.ts";
import { startAttached } from "../programs/attached.ts";
import { passOn, type ExitCode } from "./exit-codes.ts";

export interface HostProgram {
  /** The program and its arguments. */
  readonly words: readonly string[];
  /** Added to dp's own environment. */
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * Runs a program on dp's own standard streams; returns its exit code, 128 + N when signal N ended it.
 * Signals are passed on. Throws DpError `no-command` when it can't be started.
 */
export async function runHostProgram(host: Host, program: HostProgram): Promise<ExitCode> {
  const { words, environment } = program;
  const [name = "", ...args] = words;
  const child = await startAttached({
    program: name,
    args,
    cwd: host.cwd,
    env: { ...host.env, ...environment },
    signal: host.signal,
  });
  const endPassing = host.passSignals((signal) => {
    // Ctrl-C on a terminal reaches the program by itself.
    if (signal !== "SIGINT" || !host.stdin.isTTY) child.kill(signal);
  });
  try {
    const end = await child.end;
    if (end.kind === "not-started") throw notStarted(name, end.error);
    return passOn(end.kind === "exited" ? end.code : 128 + constants.signals[end.signal]);
  } finally {
    endPassing();
  }
}

function notStarted(name: string, thrown: NodeJS.ErrnoException): DpError {
  const missing = thrown.code === "ENOENT";
  return new DpError({
    code: "no-command",
    message: missing ? `there is no command ${name}` : `can't run ${name}`,
    why: missing ? "it is in no folder of PATH" : messageOf(thrown),
    next: "what stands after -- is the command and its arguments",
    cause: thrown,
  });
}
