import { spawn } from "node:child_process";
import { median } from "./judge.ts";

export interface TimedCommand {
  readonly command: readonly string[];
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  readonly timeoutMs?: number;
  /**
   * `read` keeps the output, `count` its number of lines, `discard` lets it go to /dev/null, and
   * `first-byte` interrupts the command at its first byte.
   */
  readonly output?: "read" | "count" | "discard" | "first-byte";
  /** The exit code that is no failure; 0 unless given. */
  readonly exitCode?: number;
}

export interface Timing {
  /** From before the process is started until it has ended. */
  readonly wallMs: number;
  /** Until its first byte on standard output; undefined when there was none. */
  readonly firstByteMs: number | undefined;
  /** Empty unless the output was read. */
  readonly stdout: string;
  /** Lines on standard output; 0 when it was discarded. */
  readonly lines: number;
}

/**
 * The environment of all commands. Node reads additional CA certificates each time it starts, which takes as
 * long as an empty script, so every ratio to an empty script would be too small.
 */
const { NODE_EXTRA_CA_CERTS: _, ...environment } = process.env;

/**
 * Runs a command to its end and times it. Throws Error with what it wrote to standard error when it
 * fails, and when it is not over in time (a minute unless said).
 */
export function time(timed: TimedCommand): Promise<Timing> {
  const { command, cwd, env, signal, timeoutMs = 60_000, output = "read", exitCode = 0 } = timed;
  const [file = "", ...args] = command;
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const startedAt = performance.now();
    const child = spawn(file, args, {
      cwd,
      env: { ...environment, ...env },
      // Ctrl-C reaches it once, through `signal`, and not from the terminal as well: twice is at once.
      detached: true,
      stdio: ["ignore", output === "discard" ? "ignore" : "pipe", "pipe"],
    });
    let firstByteMs: number | undefined;
    let stdout = "";
    let lines = 0;
    let stderr = "";
    let overdue = false;
    const timer = setTimeout(() => {
      overdue = true;
      child.kill("SIGKILL");
    }, timeoutMs);
    // A graceful end, so that a command that is interrupted can undo what it did.
    const onAbort = (): boolean => child.kill("SIGINT");
    signal.addEventListener("abort", onAbort, { once: true });
    child.stdout?.setEncoding("utf8").on("data", (chunk: string) => {
      firstByteMs ??= performance.now() - startedAt;
      if (output === "first-byte") child.kill("SIGINT");
      lines += chunk.split("\n").length - 1;
      if (output === "read") stdout += chunk;
    });
    child.stderr?.setEncoding("utf8").on("data", (chunk: string) => {
      stderr = (stderr + chunk).slice(-4000);
    });
    const finish = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
    };
    child.once("error", (error) => {
      finish();
      reject(error);
    });
    child.once("close", (code) => {
      const wallMs = performance.now() - startedAt;
      finish();
      const stopped = output === "first-byte" && firstByteMs !== undefined;
      if (signal.aborted) reject(signal.reason as Error);
      else if (code === exitCode || stopped) resolve({ wallMs, firstByteMs, stdout, lines });
      else {
        const end = overdue ? `was not over after ${timeoutMs} ms` : `ended with ${code}`;
        reject(new Error(`${command.join(" ")} ${end}\n${stderr}`));
      }
    });
  });
}

/** One side of a comparison: a run, with whatever it needs before and after, and what it measured. */
export type Contestant = () => Promise<number>;

/**
 * The median of each contestant. They take turns (A B, A B, …), so that whatever else the machine
 * does falls on all of them alike; each has one turn before that does not count.
 */
export async function compare(
  contestants: Readonly<Record<string, Contestant>>,
  { runs, signal }: { readonly runs: number; readonly signal: AbortSignal },
): Promise<Readonly<Record<string, number>>> {
  const values = Object.fromEntries(Object.keys(contestants).map((name) => [name, [] as number[]]));
  for (let turn = 0; turn <= runs; turn += 1) {
    for (const [name, run] of Object.entries(contestants)) {
      signal.throwIfAborted();
      const value = await run();
      if (turn > 0) values[name]?.push(value);
    }
  }
  return Object.fromEntries(Object.entries(values).map(([name, all]) => [name, median(all)]));
}
