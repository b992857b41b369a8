import { request, type IncomingMessage } from "node:http";
import { connect } from "node:net";
import { setImmediate } from "node:timers/promises";
import { silenceSignal, startSilenceTimer } from "../async/silence.ts";
import { sleep } from "../async/timers.ts";
import { messageOf } from "../errors.ts";
import type { Address, ProbeResult } from "../model/containers.ts";

const answerMs = 2000;
/** Most connections that the engine's proxy drops are dropped by then: the engine need not be asked. */
const quietMs = 10;
/** Nothing is certain where only the proxy can be dialed: on a machine that is not busy it takes milliseconds. */
const provenMs = 1000;

export interface HttpWish {
  readonly address: Address;
  readonly path: string;
  readonly status: number;
}

/** Ready when a GET is answered with the status. */
export async function checkHttp(wish: HttpWish, signal: AbortSignal): Promise<ProbeResult> {
  const { address, path, status } = wish;
  const { signal: limit, cancel } = silenceSignal(answerMs);
  try {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const options = { ...address, path, agent: false, signal: AbortSignal.any([signal, limit]) };
      request(options, resolve).on("error", reject).end();
    });
    response.destroy();
    if (response.statusCode === status) return { ready: true };
    const answered = `GET ${path} is answered with ${response.statusCode}`;
    return { ready: false, waitingFor: `${answered}, not ${status}` };
  } catch (thrown) {
    signal.throwIfAborted();
    const why = limit.aborted ? `no answer within ${answerMs / 1000} s` : messageOf(thrown);
    return { ready: false, waitingFor: `GET ${path} on port ${address.port}: ${why}` };
  } finally {
    cancel();
  }
}

export interface TcpWish {
  /** The published port. */
  readonly address: Address;
  /** Where the container itself takes connections; undefined where this machine can't dial a container. */
  readonly findDirect: () => Promise<Address | undefined>;
}

/**
 * Ready when a connection to the published port brings something, or stays open and the container takes
 * connections. The engine's proxy takes every connection, and drops it when nothing listens in the container.
 * On a busy machine it may take seconds to do so: that it is open proves little.
 */
export async function checkTcp(wish: TcpWish, signal: AbortSignal): Promise<ProbeResult> {
  const { address, findDirect } = wish;
  const over = new AbortController();
  const either = AbortSignal.any([signal, over.signal]);
  const socket = connect({ ...address, signal: either });
  let cancel = (): void => {};
  const fate = new Promise<string | undefined>((resolve) => {
    cancel = startSilenceTimer(answerMs, () => resolve("no answer"));
    socket
      .once("data", () => resolve(undefined))
      .once("end", () => resolve("nothing listens"))
      .once("close", () => resolve("nothing listens"))
      .once("error", (error) => resolve(messageOf(error)));
  });
  const opened = new Promise<void>((resolve) => socket.once("connect", resolve));
  try {
    const confirmed = opened.then(() => {
      // From now on silence is no failure, and the engine may take its time.
      cancel();
      return confirmOpen(findDirect, either);
    });
    const why = await Promise.race([fate, confirmed]);
    signal.throwIfAborted();
    return why === undefined
      ? { ready: true }
      : { ready: false, waitingFor: `port ${address.port}: ${why}` };
  } finally {
    cancel();
    over.abort();
    socket.destroy();
  }
}

/** What is wrong with a connection that brought nothing so far; undefined for nothing. */
async function confirmOpen(
  findDirect: TcpWish["findDirect"],
  signal: AbortSignal,
): Promise<string | undefined> {
  await sleep(quietMs, signal);
  const direct = await findDirect();
  if (direct !== undefined) return dialOnce(direct, signal);
  await sleep(provenMs, signal);
  // When both are due, timers run before what the socket brought.
  await setImmediate();
  return undefined;
}

/** Why an address takes no connection; undefined when it takes one. */
function dialOnce(address: Address, signal: AbortSignal): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ ...address, signal });
    const end = (why?: string): void => {
      cancel();
      socket.destroy();
      resolve(why);
    };
    const cancel = startSilenceTimer(answerMs, () => end("no answer"));
    socket
      .once("connect", () => end())
      .once("error", (error: NodeJS.ErrnoException) => {
        end(error.code === "ECONNREFUSED" ? "nothing listens" : messageOf(error));
      });
  });
}
