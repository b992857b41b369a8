import type { Readable } from "node:stream";
import type Dockerode from "dockerode";
import { DpError } from "../../errors.ts";
import { toEngineError } from "../engine/engine-error.ts";
import { framedLines } from "./logs.ts";

export interface ExecResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ExecOptions {
  readonly container: Dockerode.Container;
  readonly command: readonly string[];
  /** Added to the container's own. */
  readonly environment?: Readonly<Record<string, string>>;
  /** A name or number; the container's own unless given. */
  readonly user?: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

const exitCodeRounds = 40;
const exitCodeRoundMs = 25;

/**
 * Runs a command in a running container and returns what it wrote and its exit code. Throws DpError
 * `engine-failed` when it can't be started or does not end within `timeoutMs`, and the signal's reason
 * when that is aborted. The engine can't end such a command: after a throw it may go on, so it
 * should have a limit of its own.
 */
export async function runInContainer(options: ExecOptions): Promise<ExecResult> {
  const { command, timeoutMs, signal } = options;
  const what = `run ${command[0]} in a container`;
  const deadline = AbortSignal.timeout(timeoutMs);
  try {
    const { exec, stream } = await startExec(options);
    const output = await readToEnd(stream, AbortSignal.any([signal, deadline]));
    const streams = splitStreams(output);
    const exitCode = await exitCodeOf(exec, signal);
    refuseUnstarted({ exitCode, output: streams.stdout, what });
    return { ...streams, exitCode };
  } catch (thrown) {
    signal.throwIfAborted();
    if (!deadline.aborted) throw toEngineError(thrown, what);
    throw new DpError({
      code: "engine-failed",
      message: `could not ${what}`,
      why: `it did not end within ${timeoutMs} ms`,
      cause: thrown,
    });
  }
}

/**
 * As runInContainer, without a limit of time, and hands over each line when it comes; returns the
 * exit code.
 */
export async function followInContainer(
  options: Omit<ExecOptions, "timeoutMs"> & { readonly onLine: (line: string) => void },
): Promise<number> {
  const { command, signal, onLine } = options;
  const what = `run ${command[0]} in a container`;
  try {
    const { exec, stream } = await startExec(options);
    let last = "";
    for await (const { line } of framedLines(readChunks(stream, signal))) {
      last = line.replace(/\r$/, "");
      onLine(last);
    }
    const exitCode = await exitCodeOf(exec, signal);
    refuseUnstarted({ exitCode, output: last, what });
    return exitCode;
  } catch (thrown) {
    signal.throwIfAborted();
    throw toEngineError(thrown, what);
  }
}

async function startExec(
  options: Omit<ExecOptions, "timeoutMs">,
): Promise<{ exec: Dockerode.Exec; stream: Readable }> {
  const { container, command, environment = {}, user, signal } = options;
  const exec = await container.exec({
    Cmd: [...command],
    Env: Object.entries(environment).map(([name, value]) => `${name}=${value}`),
    ...(user === undefined ? {} : { User: user }),
    AttachStdout: true,
    AttachStderr: true,
    abortSignal: signal,
  });
  // Without stdin no hijacked connection is needed; some engines never end one.
  return { exec, stream: await exec.start({ hijack: false, stdin: false }) };
}

/** What kept a command from starting comes as its output. */
function refuseUnstarted(ended: {
  readonly exitCode: number;
  readonly output: string;
  readonly what: string;
}): void {
  const { exitCode, output, what } = ended;
  // 127 is what engines since 25 report for a program that does not exist.
  if ((exitCode !== 126 && exitCode !== 127) || !output.startsWith("OCI runtime")) return;
  const message = `could not ${what}: ${output.trim()}`;
  throw new UnstartedError({ code: "engine-failed", message });
}

/** A command that did not start: the container has no such program. */
export class UnstartedError extends DpError {}

/** Destroys the stream when the signal is aborted: the client's own abort does not end one. */
async function* readChunks(stream: Readable, signal: AbortSignal): AsyncGenerator<Buffer> {
  const onAbort = (): void => void stream.destroy(new Error("aborted"));
  signal.addEventListener("abort", onAbort, { once: true });
  if (signal.aborted) onAbort();
  try {
    yield* stream as AsyncIterable<Buffer>;
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

async function readToEnd(stream: Readable, signal: AbortSignal): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of readChunks(stream, signal)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/**
 * Byte 0 of a frame is the stream (1 stdout, 2 stderr), bytes 4-7 the payload's length, big endian;
 * then the payload. https://docs.docker.com/reference/api/engine/version/v1.41/#operation/ContainerAttach
 */
export function splitStreams(output: Buffer): { stdout: string; stderr: string } {
  const parts: { readonly stdout: Buffer[]; readonly stderr: Buffer[] } = {
    stdout: [],
    stderr: [],
  };
  for (let at = 0; at + 8 <= output.length;) {
    const end = at + 8 + output.readUInt32BE(at + 4);
    parts[output[at] === 2 ? "stderr" : "stdout"].push(output.subarray(at + 8, end));
    at = end;
  }
  return {
    stdout: Buffer.concat(parts.stdout).toString(),
    stderr: Buffer.concat(parts.stderr).toString(),
  };
}

/** The exit code of what has ended: the engine knows it a moment after the output has ended. */
export async function exitCodeOf(exec: Dockerode.Exec, signal: AbortSignal): Promise<number> {
  for (let round = 0; round < exitCodeRounds; round++) {
    const { Running: running, ExitCode: exitCode } = await exec.inspect({ abortSignal: signal });
    if (!running && exitCode !== null) return exitCode;
    await new Promise((resolve) => setTimeout(resolve, exitCodeRoundMs));
  }
  throw new DpError({
    code: "engine-failed",
    message: "the engine does not tell the exit code of a command",
    why: "it says that the command still runs, though its output has ended",
  });
}
