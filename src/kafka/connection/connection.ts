import { startSilenceTimer } from "../../async/silence.ts";
import type { Socket } from "node:net";
import type { Address } from "../../model/containers.ts";
import { nameOf } from "./addresses.ts";
import type { Security } from "./security.ts";
import { ByteReader, ByteWriter } from "../protocol/bytes.ts";
import { ConnectionError, explainForeignAnswer, explainSocketError } from "./connection-error.ts";
import { dial } from "./dial.ts";
import { FrameReader } from "./frames.ts";
import type { Request } from "../protocol/request.ts";

export interface Connection {
  readonly address: Address;
  /**
   * Rejects on a lost connection, after `timeoutMs` without an answer, or when `decode` throws. Time for
   * which the broker holds back the connection because of a quota does not count.
   */
  send<Answer>(request: Request<Answer>, timeoutMs?: number): Promise<Answer>;
  /** Whether answers are still to come: those of later requests come after them. */
  readonly busy: boolean;
  /** Until when the broker holds back all answers because of a quota, as `performance.now()`; 0 before the first time. */
  readonly heldBackUntil: number;
  readonly closed: boolean;
  close(): void;
}

interface Waiting {
  readonly resolve: (frame: Buffer) => void;
  readonly reject: (error: Error) => void;
}

/** The name under which brokers keep quotas for dp. */
export const clientId = "dp";

/**
 * Dials a broker. Every request and answer is one frame:
 *
 *   request   INT32 size, INT16 apiKey, INT16 apiVersion, INT32 correlationId, STRING clientId, body
 *   answer    INT32 size, INT32 correlationId, body
 *
 * Answers come in the order of the requests, so several may be under way at once. Rejects with a
 * ConnectionError when there is no connection within `timeoutMs`, when TLS or SASL fail, or when
 * `signal` is aborted, which also ends an open one.
 */
export async function openConnection(options: {
  address: Address;
  timeoutMs: number;
  signal?: AbortSignal | undefined;
  security?: Security | undefined;
}): Promise<Connection> {
  const { address, timeoutMs, signal, security } = options;
  const frames = new FrameReader();
  const socket = await dial({ address, timeoutMs, signal, tls: security?.tls, frames });
  const { connection, retireIn } = talkOver({ socket, address, frames });
  if (security?.sasl === undefined) return connection;
  try {
    const { authenticate } = await import("./sasl.ts");
    const lifetimeMs = await authenticate(connection, security.sasl);
    if (lifetimeMs > 0) retireIn(lifetimeMs * usedLifetime);
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}

/** Node's timers take no more. */
const longestTimerMs = 2 ** 31 - 1;

/** The part of a session after which the connection takes no more requests: the rest is for answers. */
const usedLifetime = 0.85;

function talkOver({
  socket,
  address,
  frames,
}: {
  readonly socket: Socket;
  readonly address: Address;
  readonly frames: FrameReader;
}): { connection: Connection; retireIn: (ms: number) => void } {
  const waiting = new Map<number, Waiting>();
  let nextId = 1;
  let failure: ConnectionError | undefined;
  let isRetired = false;
  // A broker reads nothing from a connection that it throttles (KIP-219).
  let heldBackUntil = 0;
  const lost = () =>
    failure ?? new ConnectionError("lost", `${nameOf(address)} closed the connection`);

  socket.on("error", (error) => {
    failure = explainSocketError(error, { address, phase: "talk" });
  });
  socket.once("close", () => {
    for (const request of waiting.values()) request.reject(lost());
    waiting.clear();
  });
  frames.onForeign = (bytes) => socket.destroy(explainForeignAnswer(bytes, address));
  frames.onFrame = (frame) => {
    const id = frame.readInt32BE(0);
    const request = waiting.get(id);
    waiting.delete(id);
    request?.resolve(frame);
    if (isRetired && waiting.size === 0) socket.destroy();
  };

  const retireIn = (ms: number): void => {
    const timer = setTimeout(
      () => {
        isRetired = true;
        if (waiting.size === 0) socket.destroy();
      },
      Math.min(ms, longestTimerMs),
    );
    socket.once("close", () => clearTimeout(timer));
  };

  const connection: Connection = {
    address,
    get busy() {
      return waiting.size > 0;
    },
    get heldBackUntil() {
      return heldBackUntil;
    },
    get closed() {
      return isRetired || socket.destroyed;
    },
    close: () => socket.destroy(),
    async send(request, timeoutMs = 10_000) {
      if (socket.destroyed) throw lost();
      const id = nextId++;
      const frame = encodeFrame(request, id);
      const { unanswered } = request;
      if (unanswered !== undefined) {
        return new Promise((resolve, reject) => {
          const done = (error?: Error | null) => (error ? reject(error) : resolve(unanswered));
          writeAll(socket, frame, done);
        });
      }
      writeAll(socket, frame);
      const answer = await new Promise<Buffer>((resolve, reject) => {
        let cancel = (): void => {};
        const waitFor = (ms: number): void => {
          cancel = startSilenceTimer(ms, () => {
            // An answer before this one may have announced a delay since the request was sent.
            const leftMs = heldBackUntil + timeoutMs - performance.now();
            if (leftMs > 0) return waitFor(leftMs);
            // Later answers would be taken for earlier ones' time: the connection is of no use any more.
            const text = `${nameOf(address)} did not answer ${request.name} within ${Math.round(timeoutMs)} ms`;
            socket.destroy(new ConnectionError("no-answer", text));
          });
        };
        waitFor(timeoutMs);
        waiting.set(id, {
          resolve: (whole) => {
            cancel();
            resolve(whole);
          },
          reject: (error) => {
            cancel();
            reject(error);
          },
        });
      });
      const reader = new ByteReader(answer, 4);
      if (request.flexible === true) reader.skipTaggedFields();
      const decoded = request.decode(reader);
      if (reader.throttleMs > 0) heldBackUntil = performance.now() + reader.throttleMs;
      return decoded;
    },
  };
  return { connection, retireIn };
}

/** Writes the pieces with one system call; `done` hears when the last has left. */
function writeAll(
  socket: Socket,
  pieces: readonly Buffer[],
  done?: (error?: Error | null) => void,
): void {
  socket.cork();
  for (const piece of pieces.slice(0, -1)) socket.write(piece);
  socket.write(pieces.at(-1) ?? "", done);
  socket.uncork();
}

/** A request as it goes over a connection, with its size, in pieces. */
export function encodeFrame<Answer>(request: Request<Answer>, correlationId: number): Buffer[] {
  const writer = new ByteWriter()
    .int32(0)
    .int16(request.apiKey)
    .int16(request.apiVersion)
    .int32(correlationId)
    .string(clientId);
  if (request.flexible === true) writer.unsignedVarint(0);
  request.encode(writer);
  const pieces = writer.pieces();
  const size = pieces.reduce((sum, { length }) => sum + length, 0);
  pieces[0]?.writeInt32BE(size - 4, 0);
  return pieces;
}
