import { fstatSync, writeSync } from "node:fs";
import { watchClosedPipe } from "./closed-pipe.ts";

/** Where results go. Writes are gathered and reach the stream in large pieces. */
export interface Output {
  /** Undefined while there is room; otherwise a promise that ends when there is room again. */
  write(chunk: string | Uint8Array): Promise<void> | undefined;
  /** Whether everything written so far has left the process: its memory may be used again. */
  isEmpty(): boolean;
  /** Ends when everything written so far has left the process, or the output is closed. */
  flush(): Promise<void>;
  /**
   * Aborted once nothing can be written any more: the reader has gone (`| head -1`), or a write failed.
   * What is written afterwards is dropped.
   */
  readonly closed: AbortSignal;
  /** Why a write failed (the disk is full); undefined while none has, and after the reader has gone. */
  failure(): Error | undefined;
  /** Also notices a reader that goes while nothing is written; ends with `flush` of a closed output. */
  watchReader(): void;
  /** Ends the watch. */
  unwatch(): void;
}

/** Pieces of this size cost the fewest system calls: the capacity of a Linux pipe. */
const PIECE_BYTES = 64 * 1024;

type OutputStream = NodeJS.WritableStream & {
  readonly fd?: number;
  /** Bytes that wait in the stream; undefined is unknown. */
  readonly writableLength?: number;
};

/** Gathers writes to a stream until a piece is full or the event loop turns. */
export function createOutput(stream: OutputStream): Output {
  const closed = new AbortController();
  let texts = "";
  let pieces: Uint8Array[] = [];
  let gathered = 0;
  let scheduled = false;
  let room: Promise<void> | undefined;
  let unwatch = (): void => {};
  let failure: Error | undefined;
  /** Even a write of nothing fails on some devices. */
  let isUsed = false;
  const file = regularFileOf(stream);

  const close = (): void => {
    texts = "";
    pieces = [];
    gathered = 0;
    unwatch();
    closed.abort();
  };
  const fail = (error: Error): void => {
    if (!isReaderGone(error)) failure ??= error;
    close();
  };
  stream.on("error", fail);
  stream.on("close", close);

  const joinTexts = (): void => {
    if (texts === "") return;
    pieces.push(Buffer.from(texts));
    texts = "";
  };

  const send = (): boolean => {
    if (gathered === 0) return true;
    joinTexts();
    const piece = pieces.length === 1 ? pieces[0] : Buffer.concat(pieces);
    pieces = [];
    gathered = 0;
    if (piece === undefined) return true;
    if (file === undefined) return stream.write(piece);
    try {
      writeWhole(file, piece);
    } catch (thrown) {
      fail(thrown as Error);
    }
    return true;
  };

  const waitForRoom = (): Promise<void> => {
    room ??= new Promise<void>((resolve) => {
      const done = (): void => {
        stream.removeListener("drain", done);
        closed.signal.removeEventListener("abort", done);
        room = undefined;
        resolve();
      };
      stream.once("drain", done);
      closed.signal.addEventListener("abort", done, { once: true });
    });
    return room;
  };

  return {
    closed: closed.signal,
    failure: () => failure,
    write(chunk) {
      if (closed.signal.aborted) return undefined;
      isUsed = true;
      if (typeof chunk === "string") {
        texts += chunk;
      } else {
        joinTexts();
        pieces.push(chunk);
      }
      gathered += chunk.length;
      if (gathered >= PIECE_BYTES) return send() ? undefined : waitForRoom();
      if (!scheduled) {
        scheduled = true;
        setImmediate(() => {
          scheduled = false;
          send();
        });
      }
      return room;
    },
    isEmpty: () => gathered === 0 && (stream.writableLength ?? 1) === 0,
    async flush() {
      if (closed.signal.aborted || !isUsed) return;
      send();
      await new Promise<void>((resolve) => {
        closed.signal.addEventListener("abort", () => resolve(), { once: true });
        stream.write("", (error) => {
          if (error) fail(error);
          resolve();
        });
      });
    },
    watchReader() {
      if (closed.signal.aborted || stream.fd === undefined) return;
      unwatch();
      unwatch = watchClosedPipe(stream.fd, close);
    },
    unwatch() {
      unwatch();
    },
  };
}

/** What a write is answered with when nobody reads any more: EPIPE of a pipe, ECONNRESET of a socket. */
const readerGoneCodes = new Set(["EPIPE", "ECONNRESET", "ERR_STREAM_DESTROYED"]);

export function isReaderGone(error: NodeJS.ErrnoException): boolean {
  return readerGoneCodes.has(error.code ?? "");
}

/** The descriptor of a stream that goes to a file; undefined for pipes, terminals and the like. */
function regularFileOf({ fd }: OutputStream): number | undefined {
  try {
    return fd !== undefined && fstatSync(fd).isFile() ? fd : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Node's stream for a file drops the rest of a piece of which the system took only a part, as it does
 * just before the disk is full; the next write then tells why.
 */
function writeWhole(file: number, piece: Uint8Array): void {
  for (let at = 0; at < piece.length;) at += writeSync(file, piece, at);
}
