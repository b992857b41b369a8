import { connect } from "node:net";
import { messageOf } from "../errors.ts";
import type { Address, ProbeResult } from "../stack/model.ts";

export interface ServerStatus {
  readonly mode: "standalone" | "leader" | "follower" | "observer";
  /** e.g. `3.8.4`; undefined when it does not say. */
  readonly version: string | undefined;
}

const attemptMs = 500;

/**
 * Asks a ZooKeeper node for `srvr` (zookeeper.apache.org/doc/r3.8.4/zookeeperAdmin.html#sc_4lw): the word
 * as it is, then text until the node closes the connection. Rejects when there is no answer within
 * `timeoutMs`, or when the answer is not a status.
 */
export async function serverStatus(options: {
  address: Address;
  timeoutMs?: number;
  signal?: AbortSignal | undefined;
}): Promise<ServerStatus> {
  return parseStatus(await ask(options));
}

/** Reads the answer to `srvr`. Throws Error with the node's own words when it is something else. */
export function parseStatus(text: string): ServerStatus {
  const mode = /^Mode: (standalone|leader|follower|observer)$/m.exec(text)?.[1];
  if (mode === undefined) throw new Error(firstLine(text));
  const version = /^Zookeeper version: ([\d.]+)/m.exec(text)?.[1];
  return { mode: mode as ServerStatus["mode"], version };
}

function firstLine(text: string): string {
  return text.trim().split("\n", 1)[0] || "the answer is empty";
}

function ask(options: {
  address: Address;
  timeoutMs?: number;
  signal?: AbortSignal | undefined;
}): Promise<string> {
  const { address, timeoutMs = attemptMs, signal } = options;
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const socket = connect({ host: address.host, port: address.port });
    const onAbort = () => socket.destroy(new Error("aborted"));
    signal?.addEventListener("abort", onAbort, { once: true });
    const timer = setTimeout(
      () => socket.destroy(new Error(`no answer within ${timeoutMs} ms`)),
      timeoutMs,
    );
    let text = "";
    let failure: Error | undefined;
    socket.setEncoding("utf8");
    socket.once("connect", () => socket.write("srvr"));
    socket.on("data", (chunk: string) => (text += chunk));
    socket.on("error", (error) => (failure = error));
    socket.once("close", () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
      if (failure === undefined) resolve(text);
      else reject(failure);
    });
  });
}

/** One round of readiness: every node answers with a mode, and exactly one is leader (or alone). */
export async function checkZooKeeper(
  nodes: readonly { readonly service: string; readonly address: Address }[],
  signal?: AbortSignal,
): Promise<ProbeResult> {
  const answers = await Promise.all(
    nodes.map(async ({ service, address }) => {
      try {
        return { service, status: await serverStatus({ address, signal }) };
      } catch (error) {
        signal?.throwIfAborted();
        const where = `${address.host}:${address.port}`;
        return { complaint: `${service} gives no status on ${where}: ${messageOf(error)}` };
      }
    }),
  );
  const modes: string[] = [];
  for (const answer of answers) {
    if (answer.complaint !== undefined) return { ready: false, waitingFor: answer.complaint };
    modes.push(answer.status.mode);
  }
  const wanted = nodes.length === 1 ? "standalone" : "leader";
  const heads = modes.filter((mode) => mode === wanted).length;
  if (heads === 1) return { ready: true };
  return { ready: false, waitingFor: `${heads} nodes of ${nodes.length} are ${wanted}, not 1` };
}
