import type { Observed } from "./model.ts";
import { brokerIdOf, brokerService } from "./names.ts";

/** Where the replicas of a topic live: the ids of the brokers, for each partition. */
export interface Placement {
  readonly topic: string;
  readonly partitions: readonly (readonly number[])[];
}

/** Ids of the brokers that have data and are no more among the first `brokers`. */
export function leavingBrokers(brokers: number, { volumes }: Observed): number[] {
  return volumes
    .filter(({ kind }) => kind === "kafka")
    .map(({ service }) => brokerIdOf(service) ?? 0)
    .filter((id) => id > brokers)
    .toSorted((a, b) => a - b);
}

/** Why brokers can't leave: what lives on them, topic by topic. */
export function describeShrink(shrink: {
  readonly leaving: readonly number[];
  readonly remaining: number;
  /** Controllers of a KRaft cluster; 0 in ZooKeeper mode. */
  readonly voters: number;
  readonly placements: readonly Placement[] | undefined;
}): string {
  const { leaving, remaining, voters, placements } = shrink;
  const who = leaving.map(brokerService).join(", ");
  if (voters > remaining) {
    return `${who} would be left out, but the KRaft controllers of this data are kafka-1 to kafka-${voters}, and their number is fixed`;
  }
  if (!placements) {
    return `${who} would be left out: partitions that live there would be gone (which ones only running brokers can tell)`;
  }
  const topics = placements.flatMap((placement) => describeTopic(placement, leaving));
  if (topics.length === 0) {
    return `${who} would be left out of a cluster that has data; no partition lives there, but dp takes no broker out of a cluster`;
  }
  const left = `${remaining} ${remaining === 1 ? "broker" : "brokers"}`;
  return `${who} would be left out, and ${left} would remain; there live replicas of ${topics.join(", ")}`;
}

function describeTopic({ topic, partitions }: Placement, leaving: readonly number[]): string[] {
  const there = partitions.filter((replicas) => replicas.some((id) => leaving.includes(id)));
  if (there.length === 0) return [];
  const only = there.filter((replicas) => replicas.every((id) => leaving.includes(id)));
  const count = `${there.length} of ${partitions.length} ${partitions.length === 1 ? "partition" : "partitions"}`;
  return [`${topic} (${count}${only.length > 0 ? `, ${only.length} nowhere else` : ""})`];
}
