import { setTimeout as sleep } from "node:timers/promises";
import { DpError } from "../../errors.ts";
import { patience } from "../connection/patience.ts";
import {
  fetchFrom,
  longestTrouble,
  partitionMaxBytes,
  type Position,
  type Reading,
  type Round,
} from "./fetch-loop.ts";
import { describeTopicsOrFail } from "./log-ranges.ts";
import { isLasting } from "../connection/connection-error.ts";
import type { PartitionAt, PartitionMetadata } from "../protocol/read-requests.ts";

/** One partition to read, from `from`; with `until` up to that offset, else for ever. */
export interface ReadPlan extends PartitionAt {
  readonly leader: number;
  readonly from: number;
  readonly until?: number | undefined;
}

const backOffMs = 100;
/** A topic that no broker knows is gone, unless a broker has just started. */
const unknownPatienceMs = 3000;
/** Another replica stands in for a leader that does not answer this long; then the leader is asked again. */
const standInMs = 10_000;

/**
 * Rounds of one loop for each broker. A round ends when all partitions are read, or soon after one loop
 * met trouble: then the leaders are looked for again.
 */
export async function fetchAll(reading: Reading, plan: readonly ReadPlan[]): Promise<void> {
  const { stopping, note } = reading;
  const positions = plan.map(positionOf);
  const silentSince = new Map<number, number>();
  const unknown: Unknown = { since: undefined };
  for (;;) {
    const open = positions.filter((position) => position.next < position.until);
    if (open.length === 0 || stopping.aborted) return;
    const round = newRound(open);
    const brokers = [...new Set(open.map(({ broker }) => broker))];
    await Promise.all(brokers.map((id) => fetchFrom({ reading, positions, round, id })));
    if (stopping.aborted) return;
    if (round.silent !== undefined) silentSince.set(round.silent, performance.now());
    if (round.trouble !== undefined) {
      if (round.isNew) note?.(`${round.trouble}; looking for the leader again`);
      failWhenTooLong(open, round.trouble);
      await sleep(backOffMs, undefined, { signal: stopping }).catch(() => undefined);
    }
    if (stopping.aborted) return;
    if (round.trouble !== undefined || hasStandIns(open)) {
      await refreshLeaders(reading, { open, silentSince, unknown });
    }
  }
}

function positionOf(plan: ReadPlan): Position {
  const { topic, partition, leader, from, until = Number.POSITIVE_INFINITY } = plan;
  return {
    topic,
    partition,
    leader,
    broker: leader,
    until,
    next: from,
    maxBytes: partitionMaxBytes,
    troubleSince: undefined,
  };
}

function newRound(open: readonly Position[]): Round {
  const endsAt = hasStandIns(open) ? performance.now() + standInMs : Number.POSITIVE_INFINITY;
  return { trouble: undefined, isNew: false, silent: undefined, endsAt };
}

function hasStandIns(open: readonly Position[]): boolean {
  return open.some(({ broker, leader }) => broker !== leader);
}

function failWhenTooLong(open: readonly Position[], trouble: string): void {
  if (longestTrouble(open) <= patience.movingMs) return;
  throw new DpError({
    code: "kafka-failed",
    message: "a partition can't be read any more",
    why: trouble,
    next: "dp status",
  });
}

interface Looking {
  readonly open: readonly Position[];
  /** When each broker that did not answer was given up. */
  readonly silentSince: ReadonlyMap<number, number>;
  readonly unknown: Unknown;
}

/** Since when brokers answer that they know no such topic. */
interface Unknown {
  since: number | undefined;
}

/** Brokers may be gone, or just back and not know the topics yet: both pass. */
async function refreshLeaders({ cluster }: Reading, looking: Looking): Promise<void> {
  const { open, silentSince, unknown } = looking;
  const names = [...new Set(open.map(({ topic }) => topic))];
  try {
    for (const topic of await describeTopicsOrFail(cluster, names)) {
      for (const position of open) {
        const found = topic.partitions.find(({ partition }) => partition === position.partition);
        if (position.topic !== topic.name || found === undefined) continue;
        position.leader = found.leader;
        position.broker = brokerToAsk(found, silentSince);
      }
    }
    unknown.since = undefined;
  } catch (error) {
    if (!(error instanceof DpError) || isLasting(error.cause)) throw error;
    const now = performance.now();
    if (error.code === "unknown-topic") unknown.since ??= now;
    else unknown.since = undefined;
    const isGone = now - (unknown.since ?? now) > unknownPatienceMs;
    if (isGone || longestTrouble(open) > patience.movingMs) throw error;
  }
}

/**
 * The leader, or a replica in sync while the leader does not answer: it has all records that count, as
 * far as it has heard of them (KIP-392).
 */
function brokerToAsk(
  { leader, isr }: PartitionMetadata,
  silentSince: ReadonlyMap<number, number>,
): number {
  const since = performance.now() - standInMs;
  const isSilent = (broker: number) => (silentSince.get(broker) ?? -Infinity) > since;
  if (!isSilent(leader)) return leader;
  return isr.find((broker) => !isSilent(broker)) ?? leader;
}
