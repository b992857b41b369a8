import { messageOf } from "../../errors.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { createQuotaNotes } from "../cluster/quota-notes.ts";
import type { Packing } from "./encoder.ts";
import { meaningOf } from "./answer.ts";
import { createFailures, type Failures } from "./failures.ts";
import { createLane, emptyLane, isIdle, reuseMemory, type Batch, type Lane } from "./lane.ts";
import { createRecovery, type Sent } from "./recovery.ts";
import { refusalUnsent, refusedBatch } from "./refused.ts";
import {
  isBehindFailure,
  renewProducer,
  settleBatch,
  takeBatch,
  type Outcome,
} from "./sequence.ts";
import { createWaiting } from "./waiting.ts";
import { requestProducer } from "./producer-identity.ts";
import type { ProducerIdentity } from "../protocol/coordination-requests.ts";
import { produceRequest, type PartitionWritten } from "../protocol/produce-request.ts";
import type { TopicMetadata } from "../protocol/read-requests.ts";

/** How many brokers must have a record before it counts as written; 0: nobody says so. */
export type Acks = 0 | 1 | "all";

export interface SenderOptions {
  readonly cluster: Cluster;
  readonly topic: TopicMetadata;
  readonly acks: Acks;
  readonly packing: Packing;
  readonly signal?: AbortSignal | undefined;
  /** When it is aborted, no more is waited for than what was taken in. */
  readonly stop?: AbortSignal | undefined;
  /** Gets a line about trouble that lasts. */
  readonly note?: ((text: string) => void) | undefined;
  /** Called after each answer. */
  readonly progress?: (() => void) | undefined;
}

export interface Sender {
  readonly lanes: readonly Lane[];
  /** `resent` counts the records that were sent again, without a sequence number, because an answer was lost. */
  readonly written: { readonly records: number; readonly bytes: number; readonly resent: number };
  /** Partition → offset of the first record written to it; empty with acks 0. */
  readonly firstOffsets: ReadonlyMap<number, number>;
  readonly failures: Failures;
  /** Why no more records should be put into the lanes; undefined while all is well. */
  ended(): string | undefined;
  /** What is waited for, or undefined when it ends before. */
  unlessEnded<T>(wanted: Promise<T>): Promise<T | undefined>;
  /** Sends what is ready: full batches, and what there is to a broker that has nothing to do. */
  pump(): void;
  /** Resolves when the lanes hold less than they may. */
  room(): Promise<void>;
  /** Resolves when everything is written, or failed. */
  finish(): Promise<void>;
  close(): void;
}

/** A broker keeps the last five batches of a producer in mind, and knows them when they come again. */
const maxUnderWay = 5;
const maxRequestBytes = 1024 * 1024;
const maxHeldBytes = 8 * 1024 * 1024;
/**
 * How long a leader waits for its followers before it answers that they have not got it all. When one
 * has just left it may not notice that the others have: it looks again at the next batch it takes
 * (Kafka's Partition.appendRecordsToLeader), and all that are under way may be waiting behind this one.
 */
const requestMs = 5000;
/** A broker takes the requests of a connection one after another. */
const answerMs = maxUnderWay * requestMs + 1000;

/**
 * Writes the batches of lanes to their leaders, each lane's in their order, up to five requests under
 * way for each broker. With acks "all" every batch is written once, whatever happens to connections and
 * leaders; with 1, batches whose answer was lost may be there twice.
 */
export function createSender(options: SenderOptions): Sender {
  const { cluster, topic, acks, packing, signal, stop, note, progress } = options;
  const idempotent = acks === "all";
  // Without numbers, a batch that is sent again would overtake those behind it.
  const laneWindow = acks === 1 ? 1 : maxUnderWay;
  const lanes = topic.partitions
    .toSorted((a, b) => a.partition - b.partition)
    .map(({ partition, leader }) => createLane(partition, leader));
  const written = { records: 0, bytes: 0, resent: 0 };
  const firstOffsets = new Map<number, number>();
  const failures = createFailures();
  const requests = new Map<number, number>();
  const sent = new Set<Sent>();
  let first = 0;
  let finishing = false;
  let ended: string | undefined;
  let producer: Promise<ProducerIdentity> | undefined;
  const noteQuota = createQuotaNotes({ cluster, work: "writing", note });
  const waiting = createWaiting(signal);
  stop?.addEventListener("abort", waiting.changed);
  const recovery = createRecovery({
    cluster,
    topic,
    lanes,
    sent,
    signal,
    note,
    lose: (one, why) => comeBack(one, { why, uncertain: true }),
    giveUp,
    pump,
    fail: (error) => waiting.fail(error),
  });
  if (idempotent) {
    producer = requestProducer({ cluster, topic: topic.name, signal });
    producer.catch(() => undefined);
  }

  function pump(): void {
    if (waiting.isOver()) return;
    for (const lane of lanes) {
      if (lane.givenUp !== undefined && !isIdle(lane)) failAll(lane, lane.givenUp);
      else if (mustRest(lane)) recovery.waitForLeader(lane);
    }
    for (const lane of lanes) if (mustRenew(lane)) waiting.inBackground(renew(lane));
    for (const broker of new Set(lanes.map(({ leader }) => leader))) {
      while (broker >= 0 && (requests.get(broker) ?? 0) < maxUnderWay) {
        const batches = gather(broker);
        if (batches.length === 0) break;
        waiting.inBackground(send(broker, batches));
      }
    }
  }

  function mustRest(lane: Lane): boolean {
    return lane.leader < 0 && lane.trouble === undefined && !isIdle(lane);
  }

  const renewing = new Set<Lane>();
  function mustRenew(lane: Lane): boolean {
    if (lane.underWay.length > 0 || renewing.has(lane) || isIdle(lane)) return false;
    return lane.needsProducer !== "no" || (idempotent && lane.producer === undefined);
  }

  async function renew(lane: Lane): Promise<void> {
    renewing.add(lane);
    const isFirst = lane.producer === undefined;
    // Until something went wrong, all lanes share one.
    producer =
      isFirst && producer !== undefined
        ? producer
        : requestProducer({ cluster, topic: topic.name, signal });
    const lost = renewProducer(lane, await producer);
    const why = `partition ${lane.partition}: the broker forgot this producer: it is not known whether these were written`;
    for (const batch of lost) fail(batch, { why });
    renewing.delete(lane);
    waiting.changed();
    pump();
  }

  /** One batch of each lane of the broker that has one, in turn. */
  function gather(broker: number): Sent[] {
    const evenOpen = finishing || (requests.get(broker) ?? 0) === 0 ? packing : undefined;
    const found: Sent[] = [];
    let bytes = 0;
    first++;
    for (let index = 0; index < lanes.length && bytes < maxRequestBytes; index++) {
      const lane = lanes[(first + index) % lanes.length];
      if (lane === undefined || lane.leader !== broker) continue;
      if (idempotent && lane.producer === undefined) continue;
      const batch = takeBatch(lane, { maxUnderWay: laneWindow, evenOpen });
      if (batch === undefined) continue;
      bytes += batch.bytes.length;
      found.push({ lane, batch, broker, at: performance.now(), settled: false });
    }
    return found;
  }

  async function send(broker: number, batches: readonly Sent[]): Promise<void> {
    requests.set(broker, (requests.get(broker) ?? 0) + 1);
    for (const one of batches) sent.add(one);
    const unsent = batches.map(({ lane, batch }) => refusalUnsent(lane.partition, batch));
    const writes = batches.filter((_, index) => unsent[index] === undefined);
    const request = produceRequest({
      topic: topic.name,
      acks: acks === "all" ? -1 : acks,
      timeoutMs: requestMs,
      writes: writes.map(({ lane, batch }) => ({ partition: lane.partition, batch: batch.bytes })),
    });
    let answers: readonly PartitionWritten[] = [];
    let lostWhy = "the broker's answer leaves it out";
    try {
      if (writes.length > 0) answers = await cluster.ask(broker, request, answerMs);
    } catch (error) {
      lostWhy = messageOf(error);
    }
    requests.set(broker, (requests.get(broker) ?? 0) - 1);
    noteQuota(broker);
    for (const [index, one] of batches.entries()) {
      if (one.settled) continue;
      const { partition } = one.lane;
      const answer = unsent[index] ?? answers.find((each) => each.partition === partition);
      if (answer !== undefined) await take(one, answer);
      else comeBack(one, { why: `broker ${broker}: ${lostWhy}`, uncertain: true });
    }
    progress?.();
    waiting.changed();
    pump();
  }

  async function take(one: Sent, answer: PartitionWritten): Promise<void> {
    const { lane, batch } = one;
    const meaning = meaningOf(answer);
    switch (meaning.kind) {
      case "written":
        written.records += batch.records;
        written.bytes += batch.dataBytes;
        if (answer.baseOffset >= 0 && !firstOffsets.has(lane.partition)) {
          firstOffsets.set(lane.partition, answer.baseOffset);
        }
        settle(one, { kind: "written" });
        return reuseMemory(lane, batch);
      case "out-of-order":
        if (isBehindFailure(lane, batch)) return settle(one, { kind: "again", uncertain: false });
        note?.(
          `partition ${lane.partition} of ${topic.name} has lost records that it had acknowledged`,
        );
        return settle(one, { kind: "new-producer", noneWritten: true });
      case "forgotten":
        return settle(one, { kind: "new-producer", noneWritten: false });
      case "passing":
        return comeBack(one, { ...meaning, why: `broker ${one.broker}: ${meaning.why}` });
      case "refused": {
        // Claimed before the wait: nobody else may decide on it meanwhile.
        one.settled = true;
        const refused = await refusedBatch({ cluster, topic: topic.name, packing, batch, answer });
        for (const failure of refused.failures) failures.add(failure);
        if (refused.endsAll) ended ??= refused.failures[0]?.why;
        return settle(one, { kind: "replaced", by: refused.instead });
      }
    }
  }

  function comeBack(one: Sent, how: { readonly why: string; readonly uncertain: boolean }): void {
    recovery.start(one.lane, how.why);
    if (how.uncertain && !idempotent) written.resent += one.batch.records;
    settle(one, { kind: "again", uncertain: how.uncertain });
  }

  function settle(one: Sent, outcome: Outcome): void {
    one.settled = true;
    sent.delete(one);
    settleBatch(one.lane, one.batch, outcome);
  }

  function giveUp(lane: Lane, reason: { readonly why: string; readonly next: string }): void {
    for (const one of sent) {
      if (one.lane === lane && !one.settled) settle(one, { kind: "again", uncertain: true });
    }
    lane.givenUp = reason;
    failAll(lane, reason);
    ended ??= reason.why;
    waiting.changed();
  }

  function failAll(lane: Lane, { why, next }: { why: string; next: string }): void {
    for (const batch of emptyLane(lane, packing)) {
      const text = batch.uncertain ? `${why}; these may be written all the same` : why;
      fail(batch, { why: text, next });
    }
  }

  function fail(batch: Batch, how: { readonly why: string; readonly next?: string }): void {
    failures.add({ ...how, records: batch.records, lines: batch.lines });
  }

  const held = (): number => lanes.reduce((sum, { bytes }) => sum + bytes, 0);
  return {
    lanes,
    written,
    firstOffsets,
    failures,
    ended: () => ended,
    unlessEnded: (wanted) =>
      waiting.forValue(wanted, () => ended !== undefined || stop?.aborted === true),
    pump,
    room: () => waiting.until(() => ended !== undefined || held() < maxHeldBytes),
    finish() {
      finishing = true;
      pump();
      return waiting.until(() => lanes.every(isIdle));
    },
    close() {
      recovery.close();
      stop?.removeEventListener("abort", waiting.changed);
      waiting.close();
    },
  };
}
