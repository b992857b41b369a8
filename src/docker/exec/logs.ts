import type { Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import type Dockerode from "dockerode";
import { toEngineError } from "../engine/engine-error.ts";
import { readFrames, type StreamName } from "./frames.ts";

/** A line that a container wrote, without its line end. */
export interface LogLine {
  /** RFC 3339 with nanoseconds, as the engine gives it. */
  readonly time: string;
  readonly stream: StreamName;
  readonly text: string;
}

export interface LogsQuery {
  readonly follow: boolean;
  /** The last so many lines; all when undefined. */
  readonly tail?: number | undefined;
  /** Epoch seconds. */
  readonly since?: number | undefined;
}

/**
 * The lines of a container's log, oldest first; with `follow` until it ends or the signal aborts.
 * Throws DpError `no-engine` when the engine goes away meanwhile.
 */
export async function* readLogs(
  container: Dockerode.Container,
  query: LogsQuery,
  signal?: AbortSignal,
): AsyncGenerator<LogLine> {
  const options = {
    stdout: true,
    stderr: true,
    timestamps: true,
    ...(query.tail === undefined ? {} : { tail: query.tail }),
    ...(query.since === undefined ? {} : { since: query.since }),
    ...(signal ? { abortSignal: signal } : {}),
  };
  if (!query.follow) {
    // Not a stream: engine 20.10 ends a followed one only when another line comes.
    yield* splitLines([await container.logs({ ...options, follow: false })]);
    return;
  }
  const stream = (await container.logs({ ...options, follow: true })) as Readable;
  try {
    yield* splitLines(stream as AsyncIterable<Buffer>);
  } catch (thrown) {
    if (!signal?.aborted) throw toEngineError(thrown, "follow a log");
  } finally {
    stream.destroy();
  }
}

/** The lines of a framed log with timestamps. */
export async function* splitLines(
  chunks: AsyncIterable<Buffer> | Iterable<Buffer>,
): AsyncGenerator<LogLine> {
  for await (const { stream, line } of framedLines(chunks)) yield toLine(stream, line);
}

export interface FramedLine {
  readonly stream: StreamName;
  readonly line: string;
}

/** What the engine frames (see readFrames), in lines; a line may span frames. */
export async function* framedLines(
  chunks: AsyncIterable<Buffer> | Iterable<Buffer>,
): AsyncGenerator<FramedLine> {
  const partial = { stdout: "", stderr: "" };
  const decoders = { stdout: new StringDecoder("utf8"), stderr: new StringDecoder("utf8") };
  for await (const { stream, payload } of readFrames(chunks)) {
    const lines = (partial[stream] + decoders[stream].write(payload)).split("\n");
    partial[stream] = lines.pop() ?? "";
    for (const line of lines) yield { stream, line };
  }
  for (const name of ["stdout", "stderr"] as const) {
    if (partial[name] !== "") yield { stream: name, line: partial[name] };
  }
}

function toLine(stream: StreamName, line: string): LogLine {
  const space = line.indexOf(" ");
  const text = line.slice(space + 1).replace(/\r$/, "");
  return { time: line.slice(0, space), stream, text };
}

export interface LastLines {
  readonly count: number;
  /** When the run began that they are of, epoch milliseconds; of any run when undefined. */
  readonly startedAt?: number | undefined;
}

/** The last lines of a container's log, oldest first. */
export async function lastLines(
  container: Dockerode.Container,
  { count, startedAt }: LastLines,
): Promise<string[]> {
  const lines: string[] = [];
  const signal = AbortSignal.timeout(5000);
  // The first lines may bear an earlier time than the start that the engine notes.
  const since = startedAt === undefined ? undefined : Math.floor(startedAt / 1000) - 1;
  for await (const line of readLogs(container, { follow: false, tail: count, since }, signal)) {
    lines.push(line.text);
  }
  return lines;
}
