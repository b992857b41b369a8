import { stampBatch, type Packing } from "./encoder.ts";
import { sealOpen, type Batch, type Lane } from "./lane.ts";
import type { ProducerIdentity } from "../protocol/coordination-requests.ts";

/*
 * Brokers write a producer's batches in the order of their sequence numbers only, and answer a number
 * that they have with success, so a batch is sent again and again until an answer comes. After a failure
 * nothing more is sent until all batches under way are answered; then they go again in their order.
 */

/** What an answer, or its absence, means for a batch. */
export type Outcome =
  | { readonly kind: "written" }
  /** To be sent again as it is. */
  | { readonly kind: "again"; readonly uncertain: boolean }
  /** Certainly not written; these take its place, perhaps none. */
  | { readonly kind: "replaced"; readonly by: readonly Batch[] }
  /**
   * The broker does not go on with this producer's numbers: a new producer starts again at 0. What was
   * uncertain stays so, unless the broker proved that it has none of it.
   */
  | { readonly kind: "new-producer"; readonly noneWritten: boolean };

/** Sequence numbers go on at 0 after 2^31 - 1. */
const sequences = 2 ** 31;

/**
 * Takes the next batch to be sent, stamped; undefined when there is none or it has to wait. The open
 * batch goes only `evenOpen`.
 */
export function takeBatch(
  lane: Lane,
  limits: { readonly maxUnderWay: number; readonly evenOpen: Packing | undefined },
): Batch | undefined {
  const { maxUnderWay, evenOpen } = limits;
  if (lane.resting || lane.returned.length > 0 || lane.needsProducer !== "no") return undefined;
  if (lane.rewind !== undefined) return undefined;
  // Counted from the oldest that has no answer, not by how many have none: the broker counts like this.
  const since = lane.turn - (lane.underWay[0]?.turn ?? lane.turn);
  if (since >= (goesAlone(lane) ? 1 : maxUnderWay)) return undefined;
  if (lane.queue.length === 0 && evenOpen !== undefined) sealOpen(lane, evenOpen);
  const batch = lane.queue.shift();
  if (batch === undefined) return undefined;
  if (lane.producer === undefined) {
    stampBatch(batch.bytes);
  } else if (batch.sequence !== undefined) {
    batch.isRepeated = true;
  } else {
    batch.isRepeated = false;
    batch.sequence = lane.nextSequence;
    lane.nextSequence = (lane.nextSequence + batch.records) % sequences;
    stampBatch(batch.bytes, { ...lane.producer, sequence: batch.sequence });
  }
  batch.turn = lane.turn++;
  batch.sends++;
  lane.underWay.push(batch);
  return batch;
}

/**
 * Of a lane's batches only one is sent while its producer is not known to the broker, which would take
 * any number for the first; and while it is not known what became of one: five that come after it, and
 * the broker would have forgotten it.
 */
function goesAlone({ producer, proven, queue, underWay }: Lane): boolean {
  if (producer === undefined) return false;
  return !proven || queue[0]?.sequence !== undefined || underWay[0]?.isRepeated === true;
}

/**
 * Whether an answer "out of order" follows from a batch before this one that did not arrive. If none
 * did fail, the broker has lost what it acknowledged.
 */
export function isBehindFailure(lane: Lane, batch: Batch): boolean {
  if (lane.returned.length > 0 || lane.rewind !== undefined) return true;
  return lane.underWay[0] !== batch || lane.needsProducer !== "no";
}

/** Takes a batch from those under way and does what its outcome asks for. */
export function settleBatch(lane: Lane, batch: Batch, outcome: Outcome): void {
  lane.underWay = lane.underWay.filter((one) => one !== batch);
  switch (outcome.kind) {
    case "written":
      lane.bytes -= batch.bytes.length;
      lane.proven = true;
      // One before it may have come back: that one is the trouble.
      if (lane.returned.length === 0) lane.trouble = undefined;
      break;
    case "again":
      batch.uncertain ||= outcome.uncertain;
      lane.returned.push(batch);
      break;
    case "replaced":
      if (batch.sequence !== undefined && (lane.rewind?.place ?? Infinity) > batch.place) {
        lane.rewind = { place: batch.place, sequence: batch.sequence };
      }
      lane.bytes -= batch.bytes.length;
      for (const { bytes } of outcome.by) lane.bytes += bytes.length;
      lane.returned.push(...outcome.by);
      break;
    case "new-producer":
      lane.returned.push(batch);
      if (outcome.noneWritten) lane.needsProducer = "yes, none written";
      else if (lane.needsProducer === "no") lane.needsProducer = "yes";
      break;
  }
  if (lane.underWay.length === 0) putBack(lane);
}

/** All answers are there: what came back goes again, in its order and with fitting numbers. */
function putBack(lane: Lane): void {
  if (lane.returned.length > 0) {
    lane.queue = [...lane.returned.toSorted((a, b) => a.place - b.place), ...lane.queue];
    lane.returned = [];
  }
  if (lane.rewind === undefined) return;
  // What stood behind was not written either: its numbers came too early.
  for (const batch of lane.queue) if (batch.place >= lane.rewind.place) batch.sequence = undefined;
  lane.nextSequence = lane.rewind.sequence;
  lane.rewind = undefined;
}

/**
 * Gives the lane a new producer, whose numbers begin at 0. Returns batches that were taken out because
 * they may be written already, under the numbers of the producer before.
 */
export function renewProducer(lane: Lane, producer: ProducerIdentity): Batch[] {
  const noneWritten = lane.needsProducer === "yes, none written";
  const lost = noneWritten ? [] : lane.queue.filter(({ uncertain }) => uncertain);
  lane.queue = lane.queue.filter((batch) => !lost.includes(batch));
  for (const { bytes } of lost) lane.bytes -= bytes.length;
  for (const batch of lane.queue) {
    batch.sequence = undefined;
    batch.uncertain = false;
  }
  lane.producer = producer;
  lane.nextSequence = 0;
  lane.proven = false;
  lane.needsProducer = "no";
  return lost;
}
