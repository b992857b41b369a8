import { startSilenceTimer } from "../async/silence.ts";
import { connect } from "node:net";
import type { Address, ProbeResult } from "../model/containers.ts";

export interface ServerStatus {
  readonly mode: "standalone" | "leader" | "follower" | "observer";
  /** e.g. `3.8.4`; undefined when it does not say. */
  readonly version: string | undefined;
}

/** Milliseconds for one attempt in a loop of readiness. */
const attemptMs = 500;

/**
 * Asks a ZooKeeper node for `srvr` (zookeeper.apache.org/doc/r3.8.4/zookeeperAdmin.html#sc_4lw): the word
 * as it is, then text until the node closes the connection. Returns the node's own words when they are no
 * status, and "" when there was no whole answer within `timeoutMs`. Rejects only when `signal` is aborted.
 */
export async function serverStatus(options: {
  address: Address;
  timeoutMs?: number | undefined;
  signal?: AbortSignal | undefined;
}): Promise<ServerStatus | string> {
  try {
    return parseStatus(await ask(options));
  } catch {
    options.signal?.throwIfAborted();
    return "";
  }
}

/** Reads the answer to `srvr`; the first line of it when it is something else. */
export function parseStatus(text: string): ServerStatus | string {
  const mode = /^Mode: (standalone|leader|follower|observer)$/m.exec(text)?.[1];
  if (mode === undefined) return text.trim().split("\n", 1)[0] ?? "";
  const version = /^Zookeeper version: ([\d.]+)/m.exec(text)?.[1];
  return { mode: mode as ServerStatus["mode"], version };
}

function ask(options: {
  address: Address;
  timeoutMs?: number | undefined;
  signal?: AbortSignal | undefined;
}): Promise<string> {
  const { address, timeoutMs = attemptMs, signal } = options;
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const socket = connect({ host: address.host, port: address.port });
    const onAbort = () => socket.destroy(new Error("aborted"));
    signal?.addEventListener("abort", onAbort, { once: true });
    const cancel = startSilenceTimer(timeoutMs, () =>
      socket.destroy(new Error(`no answer within ${timeoutMs} ms`)),
    );
    let text = "";
    let failure: Error | undefined;
    socket.setEncoding("utf8");
    socket.once("connect", () => socket.write("srvr"));
    socket.on("data", (chunk: string) => (text += chunk));
    socket.on("error", (error) => (failure = error));
    socket.once("close", () => {
      cancel();
      signal?.removeEventListener("abort", onAbort);
      if (failure === undefined) resolve(text);
      else reject(failure);
    });
  });
}

interface AskOptions {
  readonly signal?: AbortSignal;
  /** Milliseconds for the answer of each node. */
  readonly attemptMs?: number | undefined;
}

interface ZooKeeperNode {
  readonly service: string;
  readonly address: Address;
}

/**
 * One round of readiness: every node answers with a mode, and exactly one is leader (or alone). A node
 * that starts refuses, resets and falls silent in turn: all of that reads the same.
 */
export async function checkZooKeeper(
  nodes: readonly ZooKeeperNode[],
  options: AskOptions = {},
): Promise<ProbeResult> {
  const answers = await Promise.all(nodes.map((node) => modeOf(node, options)));
  const modes: string[] = [];
  for (const answer of answers) {
    if ("waitingFor" in answer) return { ready: false, ...answer };
    modes.push(answer.mode);
  }
  const wanted = nodes.length === 1 ? "standalone" : "leader";
  const heads = modes.filter((mode) => mode === wanted).length;
  if (heads === 1) return { ready: true };
  return { ready: false, waitingFor: `${heads} nodes of ${nodes.length} are ${wanted}, not 1` };
}

/** One round for one node: it serves, alone or as a member of an ensemble of `size`. */
export async function checkMember(
  node: ZooKeeperNode,
  { size, ...options }: AskOptions & { readonly size: number },
): Promise<ProbeResult> {
  const answer = await modeOf(node, options);
  if ("waitingFor" in answer) return { ready: false, ...answer };
  const isAlone = answer.mode === "standalone";
  if (isAlone === (size === 1)) return { ready: true };
  return { ready: false, waitingFor: `${node.service} is ${answer.mode}, one of ${size}` };
}

async function modeOf(
  { service, address }: ZooKeeperNode,
  { signal, attemptMs: timeoutMs }: AskOptions,
): Promise<Pick<ServerStatus, "mode"> | { readonly waitingFor: string }> {
  const status = await serverStatus({ address, timeoutMs, signal });
  const where = `${address.host}:${address.port}`;
  if (status === "") return { waitingFor: `${service} does not answer on ${where}` };
  if (typeof status === "string") return { waitingFor: `${service} on ${where} says "${status}"` };
  return status;
}
