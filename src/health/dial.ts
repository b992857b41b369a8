import { request, type IncomingMessage } from "node:http";
import { connect } from "node:net";
import { messageOf } from "../errors.ts";
import type { Address, ProbeResult } from "../stack/model.ts";

const answerMs = 2000;
/** The engine's proxy takes every connection, and drops one that nobody listens for at once. */
const provenMs = 150;

export interface HttpWish {
  readonly address: Address;
  readonly path: string;
  readonly status: number;
}

/** Ready when a GET is answered with the status. */
export async function checkHttp(wish: HttpWish, signal: AbortSignal): Promise<ProbeResult> {
  const { address, path, status } = wish;
  const limit = AbortSignal.timeout(answerMs);
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
  }
}

/** Ready when a connection stays open, or brings something. */
export async function checkTcp(address: Address, signal: AbortSignal): Promise<ProbeResult> {
  const why = await new Promise<string | undefined>((resolve) => {
    const socket = connect({ ...address, signal });
    const end = (found: string | undefined): void => {
      socket.destroy();
      resolve(found);
    };
    socket
      .setTimeout(answerMs, () => end("no answer"))
      .once("connect", () => setTimeout(end, provenMs, undefined))
      .once("data", () => end(undefined))
      .once("close", () => end("nothing listens"))
      .once("error", (error) => end(messageOf(error)));
  });
  signal.throwIfAborted();
  return why === undefined
    ? { ready: true }
    : { ready: false, waitingFor: `port ${address.port}: ${why}` };
}
