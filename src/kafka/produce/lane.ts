import { BatchBuilder, type Packing, type SourceRecord } from "./encoder.ts";
import type { ProducerIdentity } from "../protocol/coordination-requests.ts";

/** Records that are sent as one. */
export interface Batch {
  /** Complete but for the stamp. */
  readonly bytes: Buffer;
  readonly records: number;
  /** Of keys and values. */
  readonly dataBytes: number;
  /** Of each record; empty when they have none. */
  readonly lines: readonly number[];
  /** How many records of the lane are before it, whether or not they were written. */
  readonly place: number;
  /** Undefined until it is sent for the first time; sent again it keeps its number. */
  sequence: number | undefined;
  /** How often it was sent. */
  sends: number;
  /** Its place among all that the lane ever sent. */
  turn: number;
  /** It was sent before, under the same number. */
  isRepeated: boolean;
  /** It was sent, and no answer said what became of it. */
  uncertain: boolean;
}

/** The records of one partition on their way: taken in, gathered in batches, sent, answered. */
export interface Lane {
  readonly partition: number;
  /** Broker id; -1 when the partition has none. */
  leader: number;
  open: BatchBuilder | undefined;
  openLines: number[];
  openData: number;
  /** Records taken in so far, those of the open batch apart. */
  taken: number;
  /** Of the batches that are not done with. */
  bytes: number;
  /** What is set aside for the next batch. */
  usualBytes: number;
  /** Memory of batches that are done with. */
  readonly spare: Buffer[];
  /** How many batches were sent so far. */
  turn: number;
  queue: Batch[];
  underWay: Batch[];
  /** Came back, to be sent again. */
  returned: Batch[];
  /** Undefined when the lane is not idempotent. */
  producer: ProducerIdentity | undefined;
  nextSequence: number;
  /** A broker that knows nothing of a producer takes any number for its first: one goes ahead alone. */
  proven: boolean;
  /** The first batch that was replaced while others were under way behind it. */
  rewind: { readonly place: number; readonly sequence: number } | undefined;
  needsProducer: "no" | "yes" | "yes, none written";
  /** Nothing is sent until the leader was looked for. */
  resting: boolean;
  /** When the trouble began (performance.now), and what it is; undefined while all is well. */
  trouble: { readonly since: number; why: string } | undefined;
  /** Why nothing will be written to it any more, and what to do. */
  givenUp: { readonly why: string; readonly next: string } | undefined;
}

export function createLane(partition: number, leader: number): Lane {
  return {
    partition,
    leader,
    open: undefined,
    openLines: [],
    openData: 0,
    taken: 0,
    bytes: 0,
    usualBytes: 4096,
    spare: [],
    turn: 0,
    queue: [],
    underWay: [],
    returned: [],
    producer: undefined,
    nextSequence: 0,
    proven: false,
    rewind: undefined,
    needsProducer: "no",
    resting: false,
    trouble: undefined,
    givenUp: undefined,
  };
}

const spareBytes = 2048;
/** A batch is at most this many times larger than the one before it, so that the first are sent early. */
const mostGrowth = 4;
const mostUsualBytes = 1024 * 1024;

/** How a lane's batches are made. */
export interface BatchStyle {
  readonly packing: Packing;
  /** A batch is full when the next record would make it larger; a larger record goes alone. */
  readonly maxBytes: number;
}

/** Takes a record in, as the last of the open batch; a full batch is put into the queue before. */
export function appendRecord(
  lane: Lane,
  record: SourceRecord,
  style: BatchStyle & { readonly now: number },
): void {
  const data = (record.key?.length ?? 0) + Math.max(0, record.valueLength);
  const { packing, maxBytes } = style;
  const fullBytes = Math.min(maxBytes, mostGrowth * lane.usualBytes);
  if (lane.open !== undefined && lane.open.size + data > fullBytes) sealOpen(lane, packing);
  lane.open ??= new BatchBuilder(lane.spare.pop() ?? Buffer.allocUnsafeSlow(lane.usualBytes));
  lane.open.append(record, style.now);
  lane.openData += data;
  if (record.line !== undefined) lane.openLines.push(record.line);
}

/** Puts the open batch into the queue, where there is one. */
export function sealOpen(lane: Lane, packing: Packing): void {
  const { open } = lane;
  if (open === undefined) return;
  const batch: Batch = {
    bytes: open.finish(packing),
    records: open.count,
    dataBytes: lane.openData,
    lines: lane.openLines,
    place: lane.taken,
    sequence: undefined,
    sends: 0,
    turn: 0,
    isRepeated: false,
    uncertain: false,
  };
  lane.taken += open.count;
  // The next one is likely to become as large.
  lane.usualBytes = Math.min(open.size + spareBytes, mostUsualBytes);
  lane.open = undefined;
  lane.openLines = [];
  lane.openData = 0;
  lane.queue.push(batch);
  lane.bytes += batch.bytes.length;
}

/** Takes everything out of a lane of which nothing is under way, for good. */
export function emptyLane(lane: Lane, packing: Packing): Batch[] {
  sealOpen(lane, packing);
  const batches = lane.queue;
  lane.queue = [];
  lane.bytes = 0;
  lane.trouble = undefined;
  lane.resting = false;
  return batches;
}

const mostSpare = 2;

/**
 * Lets the memory of a batch be used again. It must have been sent once only, with its answer there:
 * a request that still waits for its connection would send whatever it holds then.
 */
export function reuseMemory(lane: Lane, { bytes, sends }: Batch): void {
  const isWorthIt = bytes.buffer.byteLength >= lane.usualBytes && lane.spare.length < mostSpare;
  if (isWorthIt && sends === 1) lane.spare.push(Buffer.from(bytes.buffer));
}

/** Whether it has nothing left to write. */
export function isIdle(lane: Lane): boolean {
  return (
    lane.open === undefined &&
    lane.queue.length === 0 &&
    lane.underWay.length === 0 &&
    lane.returned.length === 0
  );
}
