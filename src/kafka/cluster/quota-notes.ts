import type { Cluster } from "./cluster.ts";
import { clientId } from "../connection/connection.ts";

/** A shorter delay is not worth a line. */
const leastMs = 1000;
const pauseMs = 30_000;

/**
 * Returns what is to be called after each answer of a broker. It notes that a quota delays the work, at
 * most once in 30 s.
 */
export function createQuotaNotes(options: {
  readonly cluster: Pick<Cluster, "heldBackUntil">;
  readonly work: "reading" | "writing";
  readonly note: ((text: string) => void) | undefined;
}): (broker: number) => void {
  const { cluster, work, note } = options;
  let quietUntil = 0;
  return (broker) => {
    const now = performance.now();
    const heldBackMs = cluster.heldBackUntil(broker) - now;
    if (heldBackMs < leastMs || now < quietUntil) return;
    quietUntil = now + pauseMs;
    const seconds = (heldBackMs / 1000).toFixed(1);
    note?.(
      `the quota of client ${clientId} limits ${work}: broker ${broker} holds back its answers for ${seconds} s`,
    );
  };
}
