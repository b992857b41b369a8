import type { Kafka, KafkaJSError } from "kafkajs";
import { DpError, messageOf } from "../../errors.ts";
import type { Address } from "../../model/containers.ts";

/*
 * kafkajs takes part in consumer groups. Reading, writing, metadata and administration have their own
 * small protocol layer in protocol/: kafkajs has no reading without a group, loses null headers, and takes
 * 60 ms to load, so it is loaded only when a group is joined.
 */

/** A client of its own for one command: kafkajs's clients do not recover from topics that vanish. */
export async function createKafkaClient(bootstrap: readonly Address[]): Promise<Kafka> {
  // By its default: a bundle has no named exports of a CommonJS module.
  const {
    default: { Kafka, logLevel },
  } = await import("kafkajs");
  return new Kafka({
    clientId: "dp",
    brokers: bootstrap.map(({ host, port }) => `${host}:${port}`),
    logLevel: logLevel.NOTHING,
    connectionTimeout: 800,
    requestTimeout: 10_000,
    retry: { retries: 2, initialRetryTime: 50, maxRetryTime: 200 },
  });
}

/** kafkajs wraps what happened once for each layer of retries: the innermost error says it. */
function innermost(error: unknown): unknown {
  let inner = error;
  for (let depth = 0; depth < 5; depth++) {
    const cause = (inner as Partial<KafkaJSError>).cause;
    if (!(cause instanceof Error)) return inner;
    inner = cause;
  }
  return inner;
}

/** `TYPE: text` for an answer of a broker, else the error's own text. */
export function reasonOf(error: unknown): string {
  const inner = innermost(error);
  const type = (inner as { type?: unknown }).type;
  return typeof type === "string" ? `${type}: ${messageOf(inner)}` : messageOf(inner);
}

/**
 * Runs `work` and fails with DpError `kafka-failed` after `timeoutMs`, or with the signal's reason when
 * it is aborted. `work` goes on unheard, so its connections must be closed by the caller.
 */
export async function withDeadline<T>(
  work: Promise<T>,
  limit: { timeoutMs: number; doing: string; signal?: AbortSignal | undefined },
): Promise<T> {
  const { timeoutMs, doing, signal } = limit;
  work.catch(() => undefined);
  let timer: NodeJS.Timeout | undefined;
  let onAbort: (() => void) | undefined;
  const ended = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const message = `${doing} took longer than ${timeoutMs} ms`;
      reject(new DpError({ code: "kafka-failed", message, next: "dp status" }));
    }, timeoutMs);
    onAbort = () => reject(signal?.reason);
    signal?.addEventListener("abort", onAbort, { once: true });
    if (signal?.aborted === true) onAbort();
  });
  try {
    return await Promise.race([work, ended]);
  } finally {
    clearTimeout(timer);
    if (onAbort !== undefined) signal?.removeEventListener("abort", onAbort);
  }
}
