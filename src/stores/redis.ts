import { silenceSignal } from "../async/silence.ts";
import { connect, type Socket } from "node:net";
import { DpError, isBug, messageOf } from "../errors.ts";
import type { Address, ProbeResult } from "../model/containers.ts";
import { encodeCommand, readReply, type Reply } from "./resp.ts";

/** Where a Redis answers, and with which password. */
export interface RedisLogin {
  readonly address: Address;
  readonly password: string | undefined;
}

/** Sends a command and returns what the server answers. Throws Error with its own words. */
export type SendCommand = (
  ...words: readonly string[]
) => Promise<Exclude<Reply, object> | readonly Reply[]>;

/** Milliseconds for one attempt of a check. */
const checkMs = 2000;

/**
 * Ready when it answers a PING. Throws DpError `store-failed` for what no wait mends: a server that
 * serves, but not with this password.
 */
export async function checkRedis(login: RedisLogin, signal: AbortSignal): Promise<ProbeResult> {
  try {
    await withRedis({ login, signal, timeoutMs: checkMs }, (send) => send("PING"));
    return { ready: true };
  } catch (thrown) {
    signal.throwIfAborted();
    if (thrown instanceof DpError || isBug(thrown)) throw thrown;
    return { ready: false, waitingFor: describeWait(login, thrown) };
  }
}

interface Session {
  readonly login: RedisLogin;
  readonly signal: AbortSignal;
  /** Milliseconds for the connection and all of the work. */
  readonly timeoutMs: number;
}

/**
 * Runs work with a connection of its own, and ends it afterwards; an abort ends it at once. Throws DpError
 * `store-failed` for a refused password, and else the server's words, or what the socket throws.
 */
export async function withRedis<T>(
  { login, signal, timeoutMs }: Session,
  work: (send: SendCommand) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const { signal: limit, cancel } = silenceSignal(timeoutMs);
  const socket = connect({ ...login.address, signal: AbortSignal.any([signal, limit]) });
  const send = sendOver(socket);
  try {
    if (login.password !== undefined) await send("AUTH", login.password);
    return await work(send);
  } catch (thrown) {
    signal.throwIfAborted();
    if (limit.aborted) throw new Error(`no answer within ${timeoutMs / 1000} s`, { cause: thrown });
    const isRefused = /^(WRONGPASS|NOAUTH|ERR AUTH) /.test(messageOf(thrown));
    throw isRefused ? refused(login, thrown) : thrown;
  } finally {
    cancel();
    socket.destroy();
  }
}

/** One command at a time. */
function sendOver(socket: Socket): SendCommand {
  let received = Buffer.alloc(0);
  let settle: { resolve: (reply: Reply) => void; reject: (why: unknown) => void } | undefined;
  let failure: unknown;
  const fail = (why: unknown): void => {
    failure ??= why;
    settle?.reject(failure);
  };
  socket.on("error", fail);
  socket.on("close", () => fail(new Error("the server does not take connections")));
  socket.on("data", (data: Buffer) => {
    received = Buffer.concat([received, data]);
    try {
      const read = readReply(received);
      if (!read) return;
      received = received.subarray(read.end);
      settle?.resolve(read.reply);
    } catch (thrown) {
      fail(thrown);
    }
  });
  return async (...words) => {
    const reply = await new Promise<Reply>((resolve, reject) => {
      settle = { resolve, reject };
      if (failure === undefined) socket.write(encodeCommand(words));
      else reject(failure);
    });
    if (isError(reply)) throw new Error(reply.error);
    return reply;
  };
}

function isError(reply: Reply): reply is { readonly error: string } {
  return typeof reply === "object" && reply !== null && "error" in reply;
}

function refused({ address }: RedisLogin, thrown: unknown): DpError {
  return new DpError({
    code: "store-failed",
    message: `Redis on port ${address.port} refuses the password`,
    why: messageOf(thrown),
    next: "put the password of the file right, then dp up",
    cause: thrown,
  });
}

function describeWait({ address }: RedisLogin, thrown: unknown): string {
  const { code } = thrown as { code?: unknown };
  if (code === "ECONNREFUSED") return `nothing listens on port ${address.port}`;
  // The engine's proxy takes a connection before the server listens, and drops it.
  if (code === "ECONNRESET") return "the server does not take connections";
  return messageOf(thrown);
}
