import { watchClosedPipe } from "./closed-pipe.ts";

/** Where results go. Writes are gathered and reach the stream in large pieces. */
export interface Output {
  /** Undefined while there is room; otherwise a promise that ends when there is room again. */
  write(chunk: string | Uint8Array): Promise<void> | undefined;
  /** Whether everything written so far has left the process: its memory may be used again. */
  isEmpty(): boolean;
  /** Ends when everything written so far has left the process, or nobody reads any more. */
  flush(): Promise<void>;
  /** Aborted once the reader has gone (`| head -1`); what is written afterwards is dropped. */
  readonly closed: AbortSignal;
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

  const close = (): void => {
    texts = "";
    pieces = [];
    gathered = 0;
    unwatch();
    closed.abort();
  };
  // A stream that failed is closed, whatever the reason: there is nobody left to tell.
  stream.on("error", close);
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
    return piece === undefined || stream.write(piece);
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
    write(chunk) {
      if (closed.signal.aborted) return undefined;
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
      if (closed.signal.aborted) return;
      send();
      await new Promise<void>((resolve) => {
        closed.signal.addEventListener("abort", () => resolve(), { once: true });
        stream.write("", () => resolve());
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
