import { randomBytes } from "node:crypto";
import type { Duplex, Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import type Dockerode from "dockerode";
import { DpError } from "../../errors.ts";
import { toEngineError } from "../engine/engine-error.ts";
import { exitCodeOf, runInContainer } from "./exec.ts";
import { readFrames, type Frame } from "./frames.ts";

export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

export interface SessionOptions {
  readonly container: Dockerode.Container;
  readonly command: readonly string[];
  /** `NAME=value`, added to the container's own. */
  readonly environment: readonly string[];
  /** A name or number, of the container's own; undefined for the one it runs as. */
  readonly user: string | undefined;
  /** Gives the command a terminal of this size; undefined: its streams are pipes. */
  readonly terminal: TerminalSize | undefined;
}

/** A command in a container that somebody talks with. */
export interface ExecSession {
  /** Its end is the end of the command's standard input. */
  readonly input: Duplex;
  /** What the command writes, to its end; a terminal has only `stdout`. Throws DpError `no-command`. */
  output(): AsyncGenerator<Frame>;
  /** Call it when the output has ended. */
  exitCode(): Promise<number>;
  resize(size: TerminalSize): Promise<void>;
  /** Sends a signal to the command and all that it started; returns whether there was one to take it. */
  kill(signal: string): Promise<boolean>;
  close(): void;
}

/** Docker's own keys (Ctrl-P Ctrl-Q) would hold back a Ctrl-P until the next key. */
const detachKeys = "ctrl-],ctrl-@,ctrl-]";
/** Names the processes of a session: the engine has no call that ends them. */
const markName = "DP_EXEC";
const killScript = `found=1
for environ in /proc/[0-9]*/environ; do
  if grep -q "$1" "$environ" 2>/dev/null; then
    process=\${environ#/proc/}
    kill -"$2" "\${process%/environ}" && found=0
  fi
done
exit $found`;
const killTimeoutMs = 5000;

/** Starts a command in a running container. Throws DpError `engine-failed`. */
export async function openSession(options: SessionOptions): Promise<ExecSession> {
  const { container, command, environment, user, terminal } = options;
  const mark = `${markName}=${randomBytes(8).toString("hex")}`;
  try {
    const exec = await container.exec({
      Cmd: [...command],
      Env: [...environment, mark],
      ...(user === undefined ? {} : { User: user }),
      AttachStdin: true,
      AttachStdout: true,
      AttachStderr: true,
      Tty: terminal !== undefined,
      DetachKeys: detachKeys,
    });
    const input = await exec.start({ hijack: true, stdin: true, Tty: terminal !== undefined });
    // A command may end before it has read all that is sent to it.
    input.on("error", () => {});
    const session: ExecSession = {
      input,
      output: () =>
        readOutput({ exec, stream: input, isTerminal: terminal !== undefined, options }),
      exitCode: () => exitCodeOf(exec, new AbortController().signal),
      resize: (size) => resize(exec, size),
      kill: (signal) => kill(options, mark, signal),
      close: () => input.destroy(),
    };
    if (terminal) await session.resize(terminal);
    return session;
  } catch (thrown) {
    throw toEngineError(thrown, `run ${command[0]} in a container`);
  }
}

async function* readOutput(session: {
  readonly exec: Dockerode.Exec;
  readonly stream: Readable;
  readonly isTerminal: boolean;
  readonly options: SessionOptions;
}): AsyncGenerator<Frame> {
  const { exec, stream, isTerminal, options } = session;
  const chunks = stream as AsyncIterable<Buffer>;
  let isFirst = true;
  for await (const frame of isTerminal ? toFrames(chunks) : readFrames(chunks)) {
    // What kept a command from starting comes as its output.
    const mayBeRefusal = isFirst && frame.payload.toString().startsWith("OCI runtime exec failed");
    isFirst = false;
    if (mayBeRefusal) await refuseUnstarted(exec, frame, options);
    yield frame;
  }
}

async function* toFrames(chunks: AsyncIterable<Buffer>): AsyncGenerator<Frame> {
  for await (const payload of chunks) yield { stream: "stdout", payload };
}

async function refuseUnstarted(
  exec: Dockerode.Exec,
  { payload }: Frame,
  { command }: SessionOptions,
): Promise<void> {
  const code = await exitCodeOf(exec, new AbortController().signal);
  if (code !== 126 && code !== 127) return;
  const words = payload.toString().trim();
  throw new DpError({
    code: "no-command",
    message: `can't run ${command[0]} in the container`,
    why: /executable file not found|no such file/.test(words) ? "it has no such command" : words,
    next: "without a command dp exec opens a shell, to look around",
  });
}

const resizeAttempts = 10;
const resizePauseMs = 20;

/** A command that has only been started may not have its terminal yet. */
async function resize(exec: Dockerode.Exec, { columns, rows }: TerminalSize): Promise<void> {
  for (let attempt = 1; attempt <= resizeAttempts; attempt++) {
    try {
      await exec.resize({ w: columns, h: rows });
      return;
    } catch {
      await sleep(resizePauseMs);
    }
  }
}

/** As the session's own user: root may not read the environment of another one's process. */
async function kill(
  { container, user }: SessionOptions,
  mark: string,
  signal: string,
): Promise<boolean> {
  try {
    const { exitCode } = await runInContainer({
      container,
      command: ["/bin/sh", "-c", killScript, "sh", mark, signal.replace(/^SIG/, "")],
      ...(user === undefined ? {} : { user }),
      timeoutMs: killTimeoutMs,
      signal: new AbortController().signal,
    });
    return exitCode === 0;
  } catch {
    return false;
  }
}
