import { DpError, messageOf } from "../../errors.ts";
import { batchesIn, offsetAfter, type BatchHeader } from "../records/batch-header.ts";
import type { ByteQueue } from "./byte-queue.ts";
import type { Cluster } from "../cluster/cluster.ts";
import type { PartitionBytes } from "./decoder.ts";
import { rangesOf } from "./log-ranges.ts";
import {
  errorText,
  isPassing,
  noError,
  offsetOutOfRange,
  unknownServerError,
} from "../protocol/error-codes.ts";
import { fetchRequest, type FetchedPartition } from "../protocol/read-requests.ts";

/** What a Fetch answer brought of one partition, not decoded yet. */
export interface FetchedBatches extends PartitionBytes {
  readonly batches: readonly BatchHeader[];
}

export interface Reading {
  readonly cluster: Cluster;
  readonly queue: ByteQueue<FetchedBatches>;
  readonly stopping: AbortSignal;
  readonly note: ((text: string) => void) | undefined;
  /** Called after each answer of a broker. */
  readonly noteQuota: (broker: number) => void;
  readonly readCommitted: boolean;
}

export interface Position {
  readonly topic: string;
  readonly partition: number;
  readonly until: number;
  /** The broker to ask: the leader, or another replica while the leader does not answer. */
  broker: number;
  leader: number;
  next: number;
  /** To ask for at once; grows when a batch does not fit, shrinks when an answer takes too long. */
  maxBytes: number;
  /** When reading it first failed; undefined while it is well. */
  troubleSince: number | undefined;
}

/** A round of the loops of all brokers. */
export interface Round {
  /** What ended it. */
  trouble: string | undefined;
  /** Whether the partitions in trouble were well before. */
  isNew: boolean;
  /** The broker that did not answer. */
  silent: number | undefined;
  /** When it ends without trouble, as `performance.now()`. */
  readonly endsAt: number;
}

/** Beside what passes in general: a replica that stands in may be behind. */
const mayPass = new Set([unknownServerError, offsetOutOfRange]);

const maxWaitMs = 500;
/** A broker that takes longer is taken to be frozen, while all is well. */
const answerMs = maxWaitMs + 1500;
/** Of one answer; a batch that is larger comes all the same, as the first of its answer (KIP-74). */
const maxBytes = 2 * 1024 * 1024;
export const partitionMaxBytes = 1024 * 1024;
const partitionMinBytes = 64 * 1024;

/** Ends the round; the partitions stay in trouble until one of their answers is good. */
function endRound(round: Round, inTrouble: readonly Position[], trouble: string): void {
  round.trouble ??= trouble;
  for (const position of inTrouble) {
    if (position.troubleSince === undefined) round.isNew = true;
    position.troubleSince ??= performance.now();
  }
}

/** Milliseconds since the first of them failed that is not well again; 0 when all are. */
export function longestTrouble(positions: readonly Position[]): number {
  const now = performance.now();
  return Math.max(0, ...positions.map(({ troubleSince = now }) => now - troubleSince));
}

interface Broker {
  readonly reading: Reading;
  readonly positions: readonly Position[];
  readonly round: Round;
  readonly id: number;
}

/**
 * Fetches what is to be had from one broker until all of it is read, or the round ended. What comes next
 * is asked for before the last answer is handed over, so that the broker works while the caller does.
 */
export async function fetchFrom(broker: Broker): Promise<void> {
  const { reading, round, id } = broker;
  for (let turn = 0, asked = ask(broker, turn); asked !== undefined;) {
    let answers: FetchedPartition[];
    try {
      answers = await asked.answers;
    } catch (error) {
      round.silent = id;
      // Over a slow network there may be time for less.
      for (const one of asked.own) one.maxBytes = Math.max(partitionMinBytes, one.maxBytes / 4);
      endRound(round, asked.own, `broker ${id}: ${messageOf(error)}`);
      return;
    }
    reading.noteQuota(id);
    const fetched = await takeAnswers(broker, { own: asked.own, answers });
    asked = ask(broker, ++turn);
    for (const one of fetched) await reading.queue.put(one, one.bytes.length);
  }
}

interface Asked {
  readonly own: readonly Position[];
  readonly answers: Promise<FetchedPartition[]>;
}

/** Undefined when there is nothing more to ask in this round. */
function ask({ reading, positions, round, id }: Broker, turn: number): Asked | undefined {
  const { cluster, stopping, readCommitted } = reading;
  const own = positions.filter((one) => one.broker === id && one.next < one.until);
  const isOver = round.trouble !== undefined || performance.now() >= round.endsAt;
  if (own.length === 0 || isOver || stopping.aborted) return undefined;
  if (id < 0) {
    endRound(round, own, "a partition has no leader");
    return undefined;
  }
  // Brokers fill an answer in the order of the request: each partition comes first in turn.
  const first = turn % own.length;
  const rotated = [...own.slice(first), ...own.slice(0, first)];
  const request = fetchRequest({
    positions: rotated.map(({ topic, partition, next }) => ({ topic, partition, offset: next })),
    maxWaitMs,
    maxBytes: Math.min(maxBytes, sumOf(own.map((one) => one.maxBytes))),
    partitionMaxBytes: Math.max(...own.map((one) => one.maxBytes)),
    readCommitted,
  });
  const timeoutMs = answerMs + Math.round(longestTrouble(own));
  const answers = orStopped(cluster.ask(id, request, timeoutMs), stopping);
  // It is looked at later.
  answers.catch(() => undefined);
  return { own, answers };
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, one) => sum + one, 0);
}

/** Moves the positions on; returns what came. */
async function takeAnswers(
  { reading, round }: Broker,
  { own, answers }: { readonly own: readonly Position[]; readonly answers: FetchedPartition[] },
): Promise<FetchedBatches[]> {
  const isEmpty = answers.every(({ records }) => records.length === 0);
  const fetched: FetchedBatches[] = [];
  for (const answer of answers) {
    const position = own.find(
      (one) => one.partition === answer.partition && one.topic === answer.topic,
    );
    if (position === undefined) continue;
    const trouble = await troubleOf(reading, { answer, position });
    if (trouble !== undefined) {
      endRound(round, [position], trouble);
      continue;
    }
    position.troubleSince = undefined;
    if (answer.errorCode !== noError) continue;
    if (answer.preferredReplica >= 0) position.broker = answer.preferredReplica;
    // Nothing was sent though nothing else took the room: nothing is left up to the end.
    else if (isEmpty) position.next = Math.max(position.next, answer.end);
    if (answer.records.length > 0) fetched.push(takeBatches(answer, position));
  }
  return fetched;
}

function takeBatches(answer: FetchedPartition, position: Position): FetchedBatches {
  const { topic, partition, next: from, until } = position;
  const { records: bytes, aborted } = answer;
  const batches = batchesIn(bytes);
  if (batches.length === 0) position.maxBytes = Math.min(maxBytes, position.maxBytes * 2);
  position.next = offsetAfter(batches, from);
  return { topic, partition, bytes, from, until, aborted, batches };
}

/** What is wrong and may pass; where the offset is gone, the position is moved on. */
async function troubleOf(
  reading: Reading,
  { answer, position }: { readonly answer: FetchedPartition; readonly position: Position },
): Promise<string | undefined> {
  const { errorCode } = answer;
  if (errorCode === noError) return undefined;
  if (errorCode === offsetOutOfRange && position.broker === position.leader) {
    return skipGap(reading, position);
  }
  const where = `${position.topic} partition ${position.partition}`;
  const why = errorText(errorCode);
  if (mayPass.has(errorCode) || isPassing(errorCode)) return `${where}: ${why}`;
  const message = `can't read ${where} at offset ${position.next}`;
  throw new DpError({ code: "kafka-failed", message, why });
}

/** Retention or a deletion took what was to be read, or the log was cut behind the position. */
async function skipGap(reading: Reading, position: Position): Promise<string | undefined> {
  const { cluster, note } = reading;
  const { topic, partition } = position;
  try {
    const [range] = await rangesOf({ cluster, topics: [topic], partitions: [partition] });
    if (range === undefined) return `${topic} partition ${partition} is gone`;
    const next = position.next < range.logStart ? range.logStart : range.end;
    note?.(`${topic} partition ${partition}: offset ${position.next} is gone, going on at ${next}`);
    position.next = next;
    return undefined;
  } catch (error) {
    return `${topic} partition ${partition}: ${messageOf(error)}`;
  }
}

/** Rejects at once when `stopping` is aborted; an answer that comes later is dropped. */
async function orStopped<T>(answer: Promise<T>, stopping: AbortSignal): Promise<T> {
  let onAbort: (() => void) | undefined;
  const stopped = new Promise<never>((_, reject) => {
    onAbort = () => reject(new Error("stopped"));
    stopping.addEventListener("abort", onAbort, { once: true });
  });
  try {
    return await Promise.race([answer, stopped]);
  } finally {
    if (onAbort !== undefined) stopping.removeEventListener("abort", onAbort);
    answer.catch(() => undefined);
  }
}
