import { setTimeout as sleep } from "node:timers/promises";
import type { Address } from "../../model/containers.ts";
import { nameOf } from "../connection/addresses.ts";
import { noAdvice, type ClusterKind } from "./advice.ts";
import { noBrokerAnswers, unreachable } from "./explain.ts";
import { askUntilInformed } from "./informed-metadata.ts";
import { patience } from "../connection/patience.ts";
import type { Security } from "../connection/security.ts";
import { ConnectionError, explainLost } from "../connection/connection-error.ts";
import { openConnection, type Connection } from "../connection/connection.ts";
import type { Request } from "../protocol/request.ts";
import {
  apiVersionsRequest,
  metadataRequest,
  type BrokerNode,
  type Metadata,
} from "../protocol/read-requests.ts";

export type { BrokerNode } from "../protocol/read-requests.ts";

/** Connections to the brokers of one cluster, opened when they are needed. */
export interface Cluster {
  /** The addresses it was opened with. */
  readonly bootstrap: readonly Address[];
  /** What it was opened with. */
  readonly security: Security | undefined;
  /** Milliseconds for which brokers that can't be reached at all are tried again. */
  readonly patienceMs: number;
  /**
   * The first answer that knows all of the topics, of all brokers asked; where none does, the one that
   * knows most: a broker that has just started knows nothing yet. Fails when none answers for `patienceMs`.
   */
  metadata(topics: readonly string[] | "all"): Promise<Metadata>;
  /**
   * Asks one broker of the last metadata; fails when it is not known, can't be reached at the address
   * that it advertises, or does not answer: at once when it is frozen, however long `timeoutMs` is.
   */
  ask<Answer>(broker: number, request: Request<Answer>, timeoutMs?: number): Promise<Answer>;
  askAt<Answer>(address: Address, request: Request<Answer>, timeoutMs?: number): Promise<Answer>;
  /** The brokers of the last metadata. */
  nodes(): readonly BrokerNode[];
  /** Whether a broker of the last metadata is connected at the address that it advertises. */
  hasReachedBroker(): boolean;
  /** Until when the broker holds back answers because of a quota, as `performance.now()`; 0 when it never did. */
  heldBackUntil(broker: number): number;
  /** Ends all connections; whatever waits for an answer fails. */
  close(): void;
}

interface Dialled {
  readonly dial: Promise<Connection>;
  connection: Connection | undefined;
  failed: boolean;
  /** Whether the broker has answered, or was asked whether it does. */
  proven: boolean;
}

/** Opens nothing yet. `signal` ends all connections, as `close` does. */
export function openCluster(options: {
  bootstrap: readonly Address[];
  security?: Security | undefined;
  /** A stack of dp unless given: failures name what to do with it. */
  kind?: ClusterKind;
  patienceMs?: number;
  signal?: AbortSignal | undefined;
}): Cluster {
  const { bootstrap, security, kind = "stack", patienceMs = patience.workMs, signal } = options;
  const closing = new AbortController();
  const close = () => closing.abort();
  signal?.addEventListener("abort", close, { once: true });
  if (signal?.aborted === true) close();
  const dialled = new Map<string, Dialled>();
  let nodes: readonly BrokerNode[] = [];

  function dialledTo(address: Address, key = nameOf(address)): Dialled {
    const known = dialled.get(key);
    if (known !== undefined && !isDead(known)) return known;
    const { dialMs } = patience;
    const dial = openConnection({ address, timeoutMs: dialMs, signal: closing.signal, security });
    const entry: Dialled = { dial, connection: undefined, failed: false, proven: false };
    dial.then(
      (connection) => (entry.connection = connection),
      () => (entry.failed = true),
    );
    dialled.set(key, entry);
    return entry;
  }

  /**
   * Brokers answer a connection's requests one after another, and a Produce may wait long for replicas:
   * what must not wait behind it goes over a connection of its own.
   */
  function idleTo(address: Address): Dialled {
    const key = nameOf(address);
    const connection = dialled.get(key)?.connection;
    const isBusy =
      connection !== undefined && (connection.busy || connection.heldBackUntil > performance.now());
    return dialledTo(address, isBusy ? `${key} aside` : key);
  }

  async function askOver<Answer>(
    entry: Dialled,
    request: Request<Answer>,
    timeoutMs?: number,
  ): Promise<Answer> {
    const connection = await entry.dial;
    const answer = await connection.send(request, timeoutMs);
    entry.proven = true;
    return answer;
  }

  /** A broker that ends a connection gives no reason, but may still tell which requests it knows. */
  async function whyLost(address: Address, error: unknown): Promise<unknown> {
    const isLost = error instanceof ConnectionError && error.fault === "lost";
    if (!isLost) return error;
    const versions = apiVersionsRequest();
    const known = await askOver(dialledTo(address), versions, patience.lostAtOnceMs).catch(
      () => undefined,
    );
    if (known === undefined) return error;
    const request = metadataRequest([]);
    return explainLost({
      address,
      request,
      apis: known.apis,
      hasSasl: security?.sasl !== undefined,
      error,
    });
  }

  return {
    bootstrap,
    security,
    patienceMs,
    nodes: () => nodes,
    hasReachedBroker: () =>
      nodes.some((node) => {
        const entry = dialled.get(nameOf(node));
        return entry?.connection !== undefined && !isDead(entry);
      }),
    heldBackUntil(broker) {
      const node = nodes.find(({ id }) => id === broker);
      return (node && dialled.get(nameOf(node))?.connection?.heldBackUntil) ?? 0;
    },
    askAt: (address, request, timeoutMs) => askOver(dialledTo(address), request, timeoutMs),
    async metadata(topics) {
      const addresses = distinct([...nodes, ...bootstrap]);
      const request = metadataRequest(topics);
      try {
        const metadata = await askUntilInformed(patienceMs, () =>
          addresses.map((address) =>
            askAgain(() => askOver(idleTo(address), request, patience.firstAnswerMs)),
          ),
        );
        if (metadata.brokers.length > 0) nodes = metadata.brokers;
        return metadata;
      } catch (thrown) {
        signal?.throwIfAborted();
        const errors = thrown instanceof AggregateError ? (thrown.errors as unknown[]) : [thrown];
        const reasons = await Promise.all(
          addresses.map((address, index) => whyLost(address, errors[index])),
        );
        throw noBrokerAnswers({ addresses, reasons, kind });
      }
    },
    async ask(broker, request, timeoutMs) {
      const node = nodes.find(({ id }) => id === broker);
      if (node === undefined) throw notInCluster(broker);
      const entry = dialledTo(node);
      let connection: Connection;
      try {
        connection = await entry.dial;
      } catch (error) {
        signal?.throwIfAborted();
        throw unreachable({ node, bootstrap, error, kind });
      }
      if (!entry.proven) {
        entry.proven = true;
        // Its answer comes first. Without one the connection ends, and the request with it.
        connection.send(apiVersionsRequest(), patience.firstAnswerMs).catch(() => undefined);
      }
      return connection.send(request, timeoutMs);
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
 * broker behind it does.
 */
async function askAgain<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  const startedAt = performance.now();
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      const fault = error instanceof ConnectionError ? error.fault : undefined;
      const mayPass = fault === "lost" || fault === "no-tls";
      if (!mayPass || performance.now() - startedAt > patience.lostAtOnceMs) throw error;
      await sleep(50);
    }
  }
}

function notInCluster(broker: number): ConnectionError {
  const text = `broker ${broker} is not in the cluster`;
  return new ConnectionError("unreachable", text, { advice: noAdvice });
}

function distinct(addresses: readonly Address[]): Address[] {
  const byName = new Map(
    addresses.map(({ host, port }) => [nameOf({ host, port }), { host, port }]),
  );
  return [...byName.values()];
}
