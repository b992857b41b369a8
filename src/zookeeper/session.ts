import { startSilenceTimer } from "../async/silence.ts";
import { connect, type Socket } from "node:net";
import { DpError, messageOf } from "../errors.ts";
import type { Address } from "../model/containers.ts";

/*
 * A reader of ZooKeeper's client protocol (zookeeper.jute in its sources). Everything is big-endian;
 * STRING and BUFFER are INT32 length (-1 = null) and bytes; each message is one frame, INT32 size first.
 *
 *   connect     version INT32 0, lastZxid INT64 0, timeoutMs INT32, session INT64 0, password BUFFER,
 *               readOnly BOOLEAN
 *   connected   version INT32, timeoutMs INT32, session INT64, password BUFFER, readOnly BOOLEAN
 *   request     xid INT32, type INT32, then by type:
 *                 getData 4, getChildren2 12: path STRING, watch BOOLEAN;  close -11: nothing
 *   answer      xid INT32, zxid INT64, error INT32, then when there is no error:
 *                 getData: data BUFFER, stat;  getChildren2: count INT32, child STRING …, stat
 */
const getData = 4;
const getChildren = 12;
const closeSession = -11;
const noNode = -101;
const sessionMs = 10_000;

export interface ZooKeeperReader {
  /** Names of the children, sorted; undefined when there is no such node. */
  children(path: string): Promise<string[] | undefined>;
  /** Undefined when there is no such node. */
  data(path: string): Promise<Buffer | undefined>;
  close(): void;
}

/** Opens a session that only reads. Rejects with DpError `zookeeper-failed` after `timeoutMs`. */
export async function openZooKeeper(options: {
  address: Address;
  /** For the connection and for each answer. */
  timeoutMs?: number;
  signal?: AbortSignal | undefined;
}): Promise<ZooKeeperReader> {
  const { address, timeoutMs = 2000, signal } = options;
  const socket = connect({ host: address.host, port: address.port, noDelay: true });
  const onAbort = () => socket.destroy(new Error("aborted"));
  signal?.addEventListener("abort", onAbort, { once: true });
  socket.once("close", () => signal?.removeEventListener("abort", onAbort));
  if (signal?.aborted === true) onAbort();
  const nextFrame = frameReader(socket, timeoutMs);
  let xid = 0;
  let last: Promise<unknown> = Promise.resolve();

  async function exchange(type: number, path: string): Promise<Buffer | undefined> {
    const text = Buffer.from(path);
    const request = Buffer.alloc(13 + text.length);
    const id = ++xid;
    request.writeInt32BE(id, 0);
    request.writeInt32BE(type, 4);
    request.writeInt32BE(text.length, 8);
    text.copy(request, 12);
    send(socket, request);
    const answer = await nextFrame();
    const error = answer.readInt32BE(12);
    if (error === noNode) return undefined;
    if (error !== 0) throw failed(address, `error ${error} for ${path}`);
    return answer.subarray(16);
  }

  /** One request at a time: answers carry nothing but their order that dp would need. */
  function ask(type: number, path: string): Promise<Buffer | undefined> {
    const answer = last.then(() => exchange(type, path));
    last = answer.catch(() => undefined);
    return answer.catch((error: unknown) => {
      throw error instanceof DpError ? error : failed(address, messageOf(error));
    });
  }

  try {
    const hello = Buffer.alloc(45);
    hello.writeInt32BE(sessionMs, 12);
    hello.writeInt32BE(16, 24);
    send(socket, hello);
    await nextFrame();
  } catch (error) {
    socket.destroy();
    throw failed(address, messageOf(error));
  }
  return {
    async children(path) {
      const answer = await ask(getChildren, path);
      if (answer === undefined) return undefined;
      const names: string[] = [];
      let at = 4;
      for (let left = answer.readInt32BE(0); left > 0; left--) {
        const length = answer.readInt32BE(at);
        names.push(answer.toString("utf8", at + 4, at + 4 + length));
        at += 4 + length;
      }
      return names.toSorted();
    },
    async data(path) {
      const answer = await ask(getData, path);
      return answer?.subarray(4, 4 + Math.max(0, answer.readInt32BE(0)));
    },
    close() {
      const request = Buffer.alloc(8);
      request.writeInt32BE(++xid, 0);
      request.writeInt32BE(closeSession, 4);
      if (!socket.destroyed) send(socket, request);
      socket.destroySoon();
      socket.unref();
    },
  };
}

function send(socket: Socket, body: Buffer): void {
  const size = Buffer.alloc(4);
  size.writeInt32BE(body.length);
  socket.write(Buffer.concat([size, body]));
}

/** Each call resolves with the next whole frame, less its size. */
function frameReader(socket: Socket, timeoutMs: number): () => Promise<Buffer> {
  let received = Buffer.alloc(0);
  let failure: Error | undefined;
  let wake: (() => void) | undefined;
  socket.on("data", (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    wake?.();
  });
  socket.on("error", (error) => (failure = error));
  socket.once("close", () => {
    failure ??= new Error("the connection was closed");
    wake?.();
  });
  return async () => {
    const cancel = startSilenceTimer(timeoutMs, () =>
      socket.destroy(new Error(`no answer within ${timeoutMs} ms`)),
    );
    try {
      for (;;) {
        const size = received.length < 4 ? Number.POSITIVE_INFINITY : received.readInt32BE(0);
        if (received.length >= 4 + size) {
          const frame = received.subarray(4, 4 + size);
          received = received.subarray(4 + size);
          return frame;
        }
        if (failure !== undefined) throw failure;
        await new Promise<void>((resolve) => (wake = resolve));
      }
    } finally {
      cancel();
    }
  };
}

function failed(address: Address, why: string): DpError {
  return new DpError({
    code: "zookeeper-failed",
    message: `ZooKeeper does not answer on ${address.host}:${address.port}`,
    why,
    next: "dp status",
  });
}
