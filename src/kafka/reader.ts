import { setTimeout as sleep } from "node:timers/promises";
import { DpError, messageOf } from "../errors.ts";
import { createQueue, type Queue, type RecordBatch } from "./batch-queue.ts";
import type { Cluster } from "./cluster.ts";
import { decodeRecords } from "./decoder.ts";
import { describeTopicsOrFail, rangesOf } from "./log-ranges.ts";
import type { StoredRecord } from "./stored-record.ts";
import { errorText, noError, offsetOutOfRange } from "./wire/error-codes.ts";
import { fetchRequest, type FetchedPartition, type PartitionAt } from "./wire/read-requests.ts";

/** One partition to read, from `from`; with `until` up to that offset, else for ever. */
export interface ReadPlan extends PartitionAt {
  readonly leader: number;
  readonly from: number;
  readonly until?: number | undefined;
}

interface Position {
  readonly topic: string;
  readonly partition: number;
  readonly until: number;
  leader: number;
  next: number;
  /** When reading it first failed; undefined while it is well. */
  troubleSince: number | undefined;
}

const maxWaitMs = 500;
const answerMs = maxWaitMs + 5000;
const backOffMs = 100;
/** A leader that is gone is looked for this long; a killed broker's session lasts 6 s. */
const leaderPatienceMs = 30_000;
/** A topic that no broker knows is gone, unless a broker has just started. */
const unknownPatienceMs = 3000;
const maxBytes = 8 * 1024 * 1024;
const partitionMaxBytes = 2 * 1024 * 1024;

/**
 * Reads partitions without a consumer group and leaves nothing behind on the brokers. One loop for each
 * leader fetches ahead while the caller works, up to two answers. The end is a matter of positions, so
 * gaps in a log never hang it. Ends quietly when `signal` is aborted or every `until` is reached.
 * Leaders that move or die are looked for again for 30 s; `note` gets a line for each such event.
 * Throws when a topic is gone, or no leader came back.
 */
export async function* readRecords(options: {
  cluster: Cluster;
  plan: readonly ReadPlan[];
  signal?: AbortSignal | undefined;
  note?: ((text: string) => void) | undefined;
}): AsyncGenerator<RecordBatch, void, void> {
  const { cluster, plan, signal, note } = options;
  const positions = plan.map(
    ({ topic, partition, leader, from, until = Number.POSITIVE_INFINITY }): Position => ({
      topic,
      partition,
      leader,
      until,
      next: from,
      troubleSince: undefined,
    }),
  );
  const queue = createQueue();
  const stopping = new AbortController();
  const stop = () => {
    stopping.abort();
    queue.end();
  };
  signal?.addEventListener("abort", stop, { once: true });
  if (signal?.aborted === true) stop();
  void fetchAll({ cluster, positions, queue, stopping: stopping.signal, note }).then(
    () => queue.end(),
    (error: unknown) => queue.end(error instanceof Error ? error : new Error(messageOf(error))),
  );
  try {
    for (;;) {
      const batch = await queue.take();
      if (batch === undefined) return;
      yield batch;
    }
  } finally {
    signal?.removeEventListener("abort", stop);
    stop();
  }
}

interface FetchAll {
  readonly cluster: Cluster;
  readonly positions: Position[];
  readonly queue: Queue;
  readonly stopping: AbortSignal;
  readonly note: ((text: string) => void) | undefined;
}

/**
 * Rounds of one loop for each leader. A round ends when all partitions are read, or soon after one loop
 * met trouble: then the leaders are looked for again.
 */
async function fetchAll(context: FetchAll): Promise<void> {
  const { positions, stopping, note } = context;
  for (;;) {
    const open = positions.filter((position) => position.next < position.until);
    if (open.length === 0 || stopping.aborted) return;
    const round: Round = { trouble: undefined };
    const leaders = new Set(open.map(({ leader }) => leader));
    await Promise.all([...leaders].map((leader) => fetchFrom(context, round, leader)));
    if (stopping.aborted || round.trouble === undefined) continue;
    if (round.isNew === true) note?.(`${round.trouble}; looking for the leader again`);
    failWhenTooLong(open, round.trouble);
    await sleep(backOffMs, undefined, { signal: stopping }).catch(() => undefined);
    if (stopping.aborted) return;
    await refreshLeaders(context, open);
  }
}

interface Round {
  /** What ended it. */
  trouble: string | undefined;
  /** Whether the partitions in trouble were well before. */
  isNew?: boolean;
}

/** Ends the round; the partitions stay in trouble until one of their answers is good. */
function endRound(round: Round, inTrouble: readonly Position[], trouble: string): void {
  round.trouble ??= trouble;
  for (const position of inTrouble) {
    if (position.troubleSince === undefined) round.isNew = true;
    position.troubleSince ??= performance.now();
  }
}

function failWhenTooLong(open: readonly Position[], trouble: string): void {
  const now = performance.now();
  const longest = Math.max(0, ...open.map(({ troubleSince = now }) => now - troubleSince));
  if (longest <= leaderPatienceMs) return;
  throw new DpError({
    code: "kafka-failed",
    message: "a partition can't be read any more",
    why: trouble,
    next: "dp status",
  });
}

/** Brokers may be gone, or just back and not know the topics yet: both pass. */
async function refreshLeaders(context: FetchAll, open: readonly Position[]): Promise<void> {
  const { cluster } = context;
  const names = [...new Set(open.map(({ topic }) => topic))];
  try {
    for (const topic of await describeTopicsOrFail(cluster, names)) {
      for (const position of open) {
        const found = topic.partitions.find(({ partition }) => partition === position.partition);
        if (position.topic === topic.name && found !== undefined) position.leader = found.leader;
      }
    }
  } catch (error) {
    const now = performance.now();
    const longest = Math.max(0, ...open.map(({ troubleSince = now }) => now - troubleSince));
    const isGone = error instanceof DpError && error.code === "unknown-topic";
    if (longest > (isGone ? unknownPatienceMs : leaderPatienceMs)) throw error;
  }
}

/** Fetches what `leader` leads until all of it is read, or the round ended. */
async function fetchFrom(context: FetchAll, round: Round, leader: number): Promise<void> {
  const { cluster, positions, queue, stopping } = context;
  let turn = 0;
  while (!stopping.aborted && round.trouble === undefined) {
    const own = positions.filter((one) => one.leader === leader && one.next < one.until);
    if (own.length === 0) return;
    if (leader < 0) {
      endRound(round, own, "a partition has no leader");
      return;
    }
    // Brokers fill an answer in the order of the request: each partition comes first in turn.
    const first = turn++ % own.length;
    const rotated = [...own.slice(first), ...own.slice(0, first)];
    const request = fetchRequest({
      positions: rotated.map(({ topic, partition, next }) => ({ topic, partition, offset: next })),
      maxWaitMs,
      maxBytes,
      partitionMaxBytes,
    });
    let answers: FetchedPartition[];
    try {
      answers = await orStopped(cluster.ask(leader, request, answerMs), stopping);
    } catch (error) {
      endRound(round, own, `broker ${leader}: ${messageOf(error)}`);
      return;
    }
    const batch: StoredRecord[] = [];
    for (const answer of answers) {
      const position = own.find(
        (one) => one.partition === answer.partition && one.topic === answer.topic,
      );
      if (position === undefined) continue;
      const trouble = await takeAnswer(context, { answer, position, batch });
      if (trouble === undefined) position.troubleSince = undefined;
      else endRound(round, [position], trouble);
    }
    if (batch.length > 0) await queue.put(batch);
  }
}

/** Moves the position on and appends the records; returns what went wrong. */
async function takeAnswer(
  context: FetchAll,
  taken: { answer: FetchedPartition; position: Position; batch: StoredRecord[] },
): Promise<string | undefined> {
  const { answer, position, batch } = taken;
  const { topic, partition } = position;
  if (answer.errorCode === offsetOutOfRange) return skipGap(context, position);
  if (answer.errorCode !== noError) {
    return `${topic} partition ${partition}: ${errorText(answer.errorCode)}`;
  }
  const { next: from, until } = position;
  position.next = decodeRecords({ topic, partition, bytes: answer.records, from, until }, batch);
  return undefined;
}

/** Retention or a deletion took what was to be read, or the log was cut behind the position. */
async function skipGap(context: FetchAll, position: Position): Promise<string | undefined> {
  const { cluster, note } = context;
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
