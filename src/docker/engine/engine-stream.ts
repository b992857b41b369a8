import { StringDecoder } from "node:string_decoder";
import { DpError } from "../../errors.ts";
import { engineWords, lostEngine, statusOf } from "./engine-error.ts";

/** One line of what the engine tells while it pulls, builds or imports. */
export interface EngineMessage {
  readonly stream?: string;
  readonly status?: string;
  readonly id?: string;
  readonly progressDetail?: { readonly current?: number; readonly total?: number };
  readonly aux?: { readonly ID?: string };
  readonly error?: string;
  readonly errorDetail?: { readonly message?: string };
}

export type StreamOutcome =
  | { readonly ok: true }
  /** `status` is the HTTP status of a refused call; undefined when it failed on the way. */
  | { readonly ok: false; readonly status: number | undefined; readonly message: string };

export interface FollowOptions {
  /** Starts the call; the signal ends it. */
  readonly open: (signal: AbortSignal) => Promise<NodeJS.ReadableStream>;
  readonly onMessage: (message: EngineMessage) => void;
  /** How long the engine may stay silent, in milliseconds. */
  readonly idleMs: number;
  readonly signal: AbortSignal;
}

/**
 * Follows a long call to its end and returns how it went: an error that the engine reports in
 * mid-stream is a failure, like a refused call. When the signal is aborted the connection is closed
 * (on which the engine gives up the work) and the signal's reason is thrown.
 * Throws DpError `no-engine` when the engine goes away, `engine-failed` when it stays silent.
 */
export async function followEngine(options: FollowOptions): Promise<StreamOutcome> {
  const { open, onMessage, idleMs, signal } = options;
  const silence = new AbortController();
  const timer = setTimeout(() => silence.abort(), idleMs);
  const ended = AbortSignal.any([signal, silence.signal]);
  let failure: string | undefined;
  try {
    signal.throwIfAborted();
    const stream = await open(ended);
    for await (const message of readMessages(stream)) {
      timer.refresh();
      failure ??= message.errorDetail?.message ?? message.error;
      onMessage(message);
    }
  } catch (thrown) {
    signal.throwIfAborted();
    if (silence.signal.aborted) {
      throw new DpError({
        code: "engine-failed",
        message: `the engine has been silent for ${idleMs / 1000} s`,
        next: "see what it is doing: docker ps, or the engine's own log",
      });
    }
    return readRefusal(thrown);
  } finally {
    clearTimeout(timer);
  }
  signal.throwIfAborted();
  return failure === undefined ? { ok: true } : { ok: false, status: undefined, message: failure };
}

/** A call that the engine refused has a status; without one the connection itself failed. */
function readRefusal(thrown: unknown): StreamOutcome {
  const status = statusOf(thrown);
  if (status !== undefined) return { ok: false, status, message: engineWords(thrown) };
  throw lostEngine(thrown, "it pulled or built an image");
}

/** JSON objects, one a line; some engines put a record separator (0x1E) before each (RFC 7464). */
async function* readMessages(stream: NodeJS.ReadableStream): AsyncGenerator<EngineMessage> {
  const decoder = new StringDecoder("utf8");
  let rest = "";
  for await (const chunk of stream) {
    const lines = (rest + decoder.write(chunk)).split("\n");
    rest = lines.pop() ?? "";
    yield* lines.flatMap(parseLine);
  }
  yield* parseLine(rest + decoder.end());
}

function parseLine(line: string): EngineMessage[] {
  const text = line.replaceAll("\u001e", "").trim();
  if (text === "") return [];
  try {
    return [JSON.parse(text) as EngineMessage];
  } catch {
    return [{ stream: text }];
  }
}
