import type { Readable } from "node:stream";
import type Dockerode from "dockerode";
import { DpError } from "../errors.ts";
import { toEngineError } from "./engine-error.ts";

export interface ExecResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

const exitCodeRounds = 40;
const exitCodeRoundMs = 25;

/**
 * Runs a command in a running container and returns what it wrote and its exit code. Throws DpError
 * `engine-failed` when it can't be started or does not end within `timeoutMs`, and the signal's reason
 * when that is aborted. The engine can't end such a command: after a throw it may go on, so it
 * should have a limit of its own.
 */
export async function runInContainer(options: {
  readonly container: Dockerode.Container;
  readonly command: readonly string[];
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}): Promise<ExecResult> {
  const { container, command, timeoutMs, signal } = options;
  const what = `run ${command[0]} in a container`;
  const deadline = AbortSignal.timeout(timeoutMs);
  try {
    const exec = await container.exec({
      Cmd: [...command],
      AttachStdout: true,
      AttachStderr: true,
      abortSignal: signal,
    });
    // Without stdin no hijacked connection is needed; some engines never end one.
    const stream = (await exec.start({ hijack: false, stdin: false })) as Readable;
    const output = await readToEnd(stream, AbortSignal.any([signal, deadline]));
    const streams = splitStreams(output);
    const exitCode = await exitCodeOf(exec, signal);
    // What kept the command from starting comes as its output.
    if (exitCode === 126 && streams.stdout.startsWith("OCI runtime")) {
      throw new DpError({
        code: "engine-failed",
        message: `could not ${what}: ${streams.stdout.trim()}`,
      });
    }
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

/** Destroys the stream when the signal is aborted: the client's own abort does not end one. */
async function readToEnd(stream: Readable, signal: AbortSignal): Promise<Buffer> {
  const onAbort = (): void => void stream.destroy(new Error("aborted"));
  signal.addEventListener("abort", onAbort, { once: true });
  if (signal.aborted) onAbort();
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) chunks.push(chunk);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
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

/** The engine knows the exit code a moment after the output has ended. */
async function exitCodeOf(exec: Dockerode.Exec, signal: AbortSignal): Promise<number> {
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
