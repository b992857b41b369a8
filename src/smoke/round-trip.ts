import { formatFaults, isWhole } from "./delivery.ts";
import type { Acks, SmokeCluster } from "./model.ts";
import { awaitDelivery, taggedRecords } from "./tagged.ts";

const patienceMs = 3000;

export interface RoundTrip {
  readonly records: number;
  /** Undefined when all of them came back, once and in order. */
  readonly problem: string | undefined;
}

/** Writes to one partition and reads it back. */
export async function roundTrip(options: {
  readonly cluster: SmokeCluster;
  readonly topic: string;
  readonly partition: number;
  /** Begins the values; nobody else on the topic may use it. */
  readonly tag: string;
  readonly count: number;
  readonly acks: Acks;
  readonly signal: AbortSignal;
}): Promise<RoundTrip> {
  const { cluster, topic, partition, tag, count, acks, signal } = options;
  const records = taggedRecords(tag, { count, partitions: [partition] });
  const { failed, failure } = await cluster.produce({
    topic,
    records,
    acks,
    codec: "none",
    signal,
  });
  if (failed > 0) return { records: count, problem: `${failed} refused: ${failure}` };
  const delivery = await awaitDelivery({
    cluster,
    topic,
    partition,
    tag,
    expected: records,
    patienceMs,
    signal,
  });
  const faults = `${delivery.returned} of ${count} came back, ${formatFaults(delivery)}`;
  return { records: count, problem: isWhole(delivery) ? undefined : faults };
}

/** Broker → the first partition that it leads. */
export async function leadersOf(
  cluster: SmokeCluster,
  topic: string,
): Promise<ReadonlyMap<number, number>> {
  const sightings = await cluster.sightingsOf(topic);
  const best = sightings.find(({ partitions }) => partitions.length > 0)?.partitions ?? [];
  const leaders = new Map<number, number>();
  for (const { partition, leader } of best) {
    if (leader >= 0 && !leaders.has(leader)) leaders.set(leader, partition);
  }
  return leaders;
}
