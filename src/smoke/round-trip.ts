import { formatFaults, isWhole, withoutResent } from "./delivery.ts";
import type { Acks, Sighting, SmokeCluster } from "./model.ts";
import { awaitDelivery, taggedRecords } from "./tagged.ts";
import { retryUntil } from "../async/retry-until.ts";
import { withTimeout } from "../async/with-timeout.ts";
import { formatSeconds } from "./patience.ts";

/** Milliseconds that are kept for reading a last time. */
const lastReadMs = 500;
/** Milliseconds between two looks at a topic that no broker shows yet. */
const lookPauseMs = 50;

export interface RoundTrip {
  readonly records: number;
  /** Undefined when all of them came back, once and in order. */
  readonly problem: string | undefined;
}

/**
 * Writes to one partition and reads it back until all of it is there, for `timeoutMs` in all. Rejects when
 * even the writing or a read does not end by then.
 */
export async function roundTrip(options: {
  readonly cluster: SmokeCluster;
  readonly topic: string;
  readonly partition: number;
  /** Begins the values; nobody else on the topic may use it. */
  readonly tag: string;
  readonly count: number;
  readonly acks: Acks;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}): Promise<RoundTrip> {
  const { timeoutMs, signal } = options;
  return withTimeout({
    work: (either) => writeAndRead({ ...options, signal: either }),
    timeoutMs,
    signal,
    onTimeout: () => new Error(`no round trip within ${formatSeconds(timeoutMs)}`),
  });
}

async function writeAndRead(options: Parameters<typeof roundTrip>[0]): Promise<RoundTrip> {
  const { cluster, topic, partition, tag, count, acks, timeoutMs, signal } = options;
  const lastReadAt = performance.now() + timeoutMs - lastReadMs;
  const records = taggedRecords(tag, { count, partitions: [partition] });
  const { failed, failure, resent } = await cluster.produce({
    topic,
    records,
    acks,
    codec: "none",
    signal,
  });
  if (failed > 0) return { records: count, problem: `${failed} refused: ${failure}` };
  const read = await awaitDelivery({
    cluster,
    topic,
    partition,
    tag,
    expected: records,
    patienceMs: lastReadAt - performance.now(),
    signal,
  });
  const delivery = withoutResent(read, resent);
  const faults = `${delivery.returned} of ${count} came back, ${formatFaults(delivery)}`;
  return { records: count, problem: isWhole(delivery) ? undefined : faults };
}

/** The partitions of a topic with their leaders, as the first broker shows them that knows it. */
export function findPartitions(
  cluster: SmokeCluster,
  topic: string,
  limit: { readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<Sighting["partitions"]> {
  return retryUntil({
    attempt: async () => {
      const sightings = await cluster.sightingsOf(topic);
      const best = sightings.find(({ partitions }) => partitions.length > 0);
      if (best) return best.partitions;
      const problem = sightings.find((sighting) => sighting.problem !== undefined)?.problem;
      throw new Error(problem ?? `no broker knows topic ${topic}`);
    },
    isRetriable: () => true,
    pauseMs: lookPauseMs,
    ...limit,
  });
}

/** Broker → the first partition that it leads. */
export function firstLed(partitions: Sighting["partitions"]): ReadonlyMap<number, number> {
  const leaders = new Map<number, number>();
  for (const { partition, leader } of partitions) {
    if (leader >= 0 && !leaders.has(leader)) leaders.set(leader, partition);
  }
  return leaders;
}
