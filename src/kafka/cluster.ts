import { setTimeout as sleep } from "node:timers/promises";
import { DpError, messageOf } from "../errors.ts";
import type { Address } from "../stack/model.ts";
import { openConnection, type Connection, type Request } from "./wire/connection.ts";
import { metadataRequest, type BrokerNode, type Metadata } from "./wire/read-requests.ts";

/** Connections to the brokers of one cluster, opened when they are needed. */
export interface Cluster {
  /** The addresses it was opened with. */
  readonly bootstrap: readonly Address[];
  /** The first answer of all brokers asked; fails when none answers. */
  metadata(topics: readonly string[] | "all"): Promise<Metadata>;
  /** Asks one broker of the last metadata; fails when it is not known or does not answer. */
  ask<Answer>(broker: number, request: Request<Answer>, timeoutMs?: number): Promise<Answer>;
  askAt<Answer>(address: Address, request: Request<Answer>, timeoutMs?: number): Promise<Answer>;
  /** The brokers of the last metadata. */
  nodes(): readonly BrokerNode[];
  /** Ends all connections; whatever waits for an answer fails. */
  close(): void;
}

const dialMs = 800;
const lostAtOnceMs = 500;

interface Dialled {
  readonly dial: Promise<Connection>;
  connection: Connection | undefined;
  failed: boolean;
}

/** Opens nothing yet. `signal` ends all connections, as `close` does. */
export function openCluster(options: {
  bootstrap: readonly Address[];
  signal?: AbortSignal | undefined;
}): Cluster {
  const { bootstrap, signal } = options;
  const closing = new AbortController();
  const close = () => closing.abort();
  signal?.addEventListener("abort", close, { once: true });
  if (signal?.aborted === true) close();
  const dialled = new Map<string, Dialled>();
  let nodes: readonly BrokerNode[] = [];

  function connectionTo(address: Address): Promise<Connection> {
    const key = `${address.host}:${address.port}`;
    const known = dialled.get(key);
    if (known !== undefined && !isDead(known)) return known.dial;
    const dial = openConnection({ address, timeoutMs: dialMs, signal: closing.signal });
    const entry: Dialled = { dial, connection: undefined, failed: false };
    dial.then(
      (connection) => (entry.connection = connection),
      () => (entry.failed = true),
    );
    dialled.set(key, entry);
    return dial;
  }

  async function askAt<Answer>(
    address: Address,
    request: Request<Answer>,
    timeoutMs?: number,
  ): Promise<Answer> {
    const connection = await connectionTo(address);
    return connection.send(request, timeoutMs);
  }

  return {
    bootstrap,
    nodes: () => nodes,
    askAt,
    async metadata(topics) {
      const addresses = distinct([...nodes, ...bootstrap]);
      try {
        const request = metadataRequest(topics);
        const metadata = await Promise.any(
          addresses.map((address) => askAgain(() => askAt(address, request, 3000))),
        );
        if (metadata.brokers.length > 0) nodes = metadata.brokers;
        return metadata;
      } catch (error) {
        signal?.throwIfAborted();
        throw noAnswer(addresses, error);
      }
    },
    async ask(broker, request, timeoutMs) {
      const node = nodes.find(({ id }) => id === broker);
      if (node === undefined) throw new Error(`broker ${broker} is not in the cluster`);
      return askAt(node, request, timeoutMs);
    },
    close() {
      signal?.removeEventListener("abort", close);
      close();
    },
  };
}

function isDead(dialled: Dialled): boolean {
  return dialled.failed || dialled.connection?.closed === true;
}

/**
 * Asks again for a while when the connection is lost at once: a published port accepts before the
 * broker behind it does. Refused is final.
 */
async function askAgain<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  const startedAt = performance.now();
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      const isRefused = (error as NodeJS.ErrnoException).code === "ECONNREFUSED";
      if (isRefused || performance.now() - startedAt > lostAtOnceMs) throw error;
      await sleep(50);
    }
  }
}

function distinct(addresses: readonly Address[]): Address[] {
  const byName = new Map<string, Address>();
  for (const { host, port } of addresses) byName.set(`${host}:${port}`, { host, port });
  return [...byName.values()];
}

function noAnswer(addresses: readonly Address[], error: unknown): DpError {
  const reasons =
    error instanceof AggregateError ? error.errors.map(messageOf) : [messageOf(error)];
  return new DpError({
    code: "kafka-failed",
    message: "no broker answers",
    why: reasons[0],
    evidence: addresses.map(
      ({ host, port }, index) => `${host}:${port}: ${reasons[index] ?? "no answer"}`,
    ),
    next: "dp up",
    cause: error,
  });
}
