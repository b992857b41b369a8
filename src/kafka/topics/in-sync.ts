import type { Address, ProbeResult } from "../../model/containers.ts";
import { openConnection } from "../connection/connection.ts";
import { metadataRequest, type TopicMetadata } from "../protocol/read-requests.ts";

const attemptMs = 2000;

/**
 * One round: every broker, asked by itself, says that each partition of each topic has a leader and
 * all its replicas in sync. Brokers learn of a change at different moments, so one answer proves
 * little. Rejects only when `signal` is aborted.
 */
export async function checkInSync(
  brokers: readonly { readonly service: string; readonly address: Address }[],
  signal?: AbortSignal,
): Promise<ProbeResult> {
  const complaints = await Promise.all(
    brokers.map(async ({ service, address }) => {
      try {
        const complaint = behind(await topicsAt(address, signal));
        return complaint === undefined ? [] : [`${service}: ${complaint}`];
      } catch {
        signal?.throwIfAborted();
        return [`${service} does not answer on ${address.host}:${address.port}`];
      }
    }),
  );
  const [waitingFor] = complaints.flat();
  return waitingFor === undefined ? { ready: true } : { ready: false, waitingFor };
}

async function topicsAt(address: Address, signal?: AbortSignal): Promise<readonly TopicMetadata[]> {
  const connection = await openConnection({ address, timeoutMs: attemptMs, signal });
  try {
    return (await connection.send(metadataRequest("all"), attemptMs)).topics;
  } finally {
    connection.close();
  }
}

/** The first partition that is not whole, with how many more there are; undefined when all are. */
export function behind(topics: readonly TopicMetadata[]): string | undefined {
  const partial = topics.flatMap(({ name, partitions }) =>
    partitions.flatMap(({ partition, leader, isr, replicas }) => {
      if (leader < 0) return [`${name}-${partition} has no leader`];
      if (isr.length >= replicas.length) return [];
      return [`${name}-${partition} has ${isr.length} of ${replicas.length} replicas in sync`];
    }),
  );
  const [first, ...more] = partial;
  if (first === undefined || more.length === 0) return first;
  return `${first}, and ${more.length} more ${more.length === 1 ? "partition" : "partitions"}`;
}
