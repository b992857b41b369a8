import { DpError } from "../../errors.ts";
import { momentText, parseMoment } from "../records/moments.ts";

/** A place in the log of every partition. */
export type Start =
  | { readonly kind: "start" }
  | { readonly kind: "end" }
  /** This offset. */
  | { readonly kind: "offset"; readonly offset: number }
  /** So many offsets after the first one of the log (+N), or before its end (-N). */
  | { readonly kind: "from-start"; readonly count: number }
  | { readonly kind: "from-end"; readonly count: number }
  /** The first record of this moment or later; epoch milliseconds. */
  | { readonly kind: "time"; readonly timestamp: number };

export interface OffsetRange {
  readonly start: Start;
  /** Where reading ends, itself not read; undefined when the text has no end. */
  readonly end: Start | undefined;
}

const names: ReadonlyMap<string, Start> = new Map<string, Start>([
  ...["start", "earliest", "beginning", "oldest"].map((name) => [name, { kind: "start" }] as const),
  ...["end", "latest", "newest"].map((name) => [name, { kind: "end" }] as const),
]);

/**
 * Reads one place:
 *
 *   start | earliest | beginning | oldest     the first record that is left
 *   end | latest | newest                     only what comes from now on
 *   N                                         offset N
 *   +N                                        N offsets after the first one
 *   -N                                        the last N offsets of each partition
 *   @MOMENT                                   see parseMoment
 *
 * Throws DpError `usage` for anything else. `now` is epoch milliseconds.
 */
export function parseStart(text: string, now: number): Start {
  const start = placeOf(text, now);
  if (start !== undefined) return start;
  throw notAnOffset(text, `an offset is start, end, N, +N, -N or ${times}`);
}

/**
 * Reads what `tail -o` takes: a place as parseStart does, or a range of which the end is not read.
 *
 *   N:M | N:end | N:          from offset N; the last one has no end
 *   :M | :end                 from the first record
 *   @T1:T2 | @-1h:end         a moment after an @ needs no second one
 *
 * Throws DpError `usage` for anything else, and for a range that ends before it begins.
 */
export function parseRange(text: string, now: number): OffsetRange {
  const start = placeOf(text, now);
  if (start !== undefined) return { start, end: undefined };
  // Times have colons of their own: the one between the two is where both sides can be read.
  for (const { index } of text.matchAll(/:/g)) {
    const range = rangeOf([text.slice(0, index), text.slice(index + 1)], now);
    if (range !== undefined) return inOrder(range, text);
  }
  throw notAnOffset(
    text,
    `an offset is start, end, N, +N, -N, ${times}, or a range of them: 10:20, :end, @-2h:-1h`,
  );
}

const times = "a @TIME from 1970 to 9999 (@now, @-1h, @2026-11-22T10:00:00Z, @1790000000000)";

function notAnOffset(text: string, why: string): DpError {
  return new DpError({
    code: "usage",
    message: `"${text}" is not an offset`,
    why,
    next: "start means the first record that is left, @-1h what the last hour brought",
  });
}

function placeOf(text: string, now: number): Start | undefined {
  if (text.startsWith("@")) {
    const timestamp = parseMoment(text.slice(1), now);
    return timestamp === undefined ? undefined : { kind: "time", timestamp };
  }
  const number = /^([+-]?)(\d{1,15})$/.exec(text);
  if (number === null) return names.get(text);
  const count = Number(number[2]);
  if (number[1] === "+") return { kind: "from-start", count };
  return number[1] === "-" ? { kind: "from-end", count } : { kind: "offset", offset: count };
}

function rangeOf([from, to]: readonly [string, string], now: number): OffsetRange | undefined {
  if (from === "" && to === "") return undefined;
  const start = from === "" ? names.get("start") : placeOf(from, now);
  if (start === undefined) return undefined;
  if (to === "") return { start, end: undefined };
  if (start.kind !== "time") {
    const end = placeOf(to, now);
    return end && { start, end };
  }
  const moment = parseMoment(to.replace(/^@/, ""), now);
  if (moment !== undefined) return { start, end: { kind: "time", timestamp: moment } };
  // A number after a time could be meant as either.
  return names.get(to)?.kind === "end" ? { start, end: { kind: "end" } } : undefined;
}

function inOrder(range: OffsetRange, text: string): OffsetRange {
  const { start, end } = range;
  const [first, last] = [amountOf(start), amountOf(end)];
  if (start.kind !== end?.kind || first === undefined || last === undefined) return range;
  if (first <= last) return range;
  const times = timesText(range);
  throw new DpError({
    code: "usage",
    message: `"${text}" ends before it begins`,
    why: times === "" ? "the first place is after the second one" : times,
    next: "write the earlier place first",
  });
}

/** A number that grows along the log, for places of the same kind. */
function amountOf(place: Start | undefined): number | undefined {
  switch (place?.kind) {
    case "offset":
      return place.offset;
    case "from-start":
      return place.count;
    case "from-end":
      return -place.count;
    case "time":
      return place.timestamp;
    default:
      return undefined;
  }
}

/** The moments of a range in local time and UTC, `from … to …`; empty when it has none. */
export function timesText({ start, end }: OffsetRange): string {
  const from = start.kind === "time" ? [`from ${momentText(start.timestamp)}`] : [];
  const to = end?.kind === "time" ? [`to ${momentText(end.timestamp)}`] : [];
  return [...from, ...to].join(" ");
}

/**
 * The offset of a place in a log that holds [logStart, end), within the log. `timed` answers a time: the
 * first offset of that moment or later, -1 for none.
 */
export function positionOf(
  place: Start,
  log: { readonly logStart: number; readonly end: number; readonly timed: number | undefined },
): number {
  const within = (offset: number) => Math.min(Math.max(offset, log.logStart), log.end);
  switch (place.kind) {
    case "start":
      return log.logStart;
    case "end":
      return log.end;
    case "offset":
      return within(place.offset);
    case "from-start":
      return within(log.logStart + place.count);
    case "from-end":
      return within(log.end - place.count);
    case "time":
      return log.timed === undefined || log.timed < 0 ? log.end : within(log.timed);
  }
}
