import { connect, isIP, type Socket } from "node:net";
import type { ConnectionOptions } from "node:tls";
import { startSilenceTimer } from "../../async/silence.ts";
import type { Address } from "../../model/containers.ts";
import { nameOf } from "./addresses.ts";
import { patience } from "./patience.ts";
import type { TlsSettings } from "./security.ts";
import { ConnectionError, explainSocketError } from "./connection-error.ts";
import type { FrameReader } from "./frames.ts";

/**
 * A socket to a broker, encrypted with `tls`. What it receives goes to `frames`. Rejects with a ConnectionError when there is none within
 * `timeoutMs`, or when `signal` is aborted, which also ends an open one. TLS has a time of its own.
 */
export async function dial(options: {
  address: Address;
  timeoutMs: number;
  signal?: AbortSignal | undefined;
  tls?: TlsSettings | undefined;
  frames: FrameReader;
}): Promise<Socket> {
  const { address, timeoutMs, signal, tls, frames } = options;
  const open = tls === undefined ? openPlain : await loadTls(tls);
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(new ConnectionError("aborted", "aborted"));
      return;
    }
    const socket = open(address, frames);
    let phase: "dial" | "tls" = "dial";
    let failure: Error | undefined;
    const end = (text: string) => socket.destroy(new ConnectionError("unreachable", text));
    const late = () => end(`no connection to ${nameOf(address)} within ${timeoutMs} ms`);
    let cancel = startSilenceTimer(timeoutMs, late);
    const onAbort = () => socket.destroy(new ConnectionError("aborted", "aborted"));
    signal?.addEventListener("abort", onAbort, { once: true });
    socket.on("error", (error) => (failure = explainSocketError(error, { address, phase })));
    socket.once("close", () => {
      cancel();
      signal?.removeEventListener("abort", onAbort);
      reject(failure ?? new ConnectionError("lost", `${nameOf(address)} closed the connection`));
    });
    const ready = () => {
      cancel();
      resolve(socket);
    };
    socket.once("connect", () => {
      if (tls === undefined) return ready();
      phase = "tls";
      cancel();
      const { handshakeMs } = patience;
      const mute = `${nameOf(address)} does not answer TLS within ${handshakeMs} ms`;
      cancel = startSilenceTimer(handshakeMs, () =>
        socket.destroy(new ConnectionError("no-answer", mute)),
      );
    });
    socket.once("secureConnect", ready);
  });
}

type Open = (address: Address, frames: FrameReader) => Socket;

const openPlain: Open = ({ host, port }, { space, take }) => {
  const callback = (count: number): boolean => {
    take(count);
    return true;
  };
  return connect({ host, port, noDelay: true, onread: { buffer: space, callback } });
};

/** Loaded only where it is needed: it takes longer than all that a plain connection does. */
async function loadTls({ pem, serverName, checks }: TlsSettings): Promise<Open> {
  const tls = await import("node:tls");
  return ({ host, port }, { feed }) => {
    const name = serverName ?? host;
    const options: ConnectionOptions = {
      ...pem,
      host,
      port,
      rejectUnauthorized: checks !== "none",
      // An address is no name that a server could choose its certificate by (RFC 6066, section 3).
      ...(isIP(name) === 0 ? { servername: name } : {}),
      checkServerIdentity: (_, certificate) =>
        checks === "all" ? tls.checkServerIdentity(name, certificate) : undefined,
    };
    return tls.connect(options).setNoDelay(true).on("data", feed);
  };
}
