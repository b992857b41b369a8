import { DpError } from "../errors.ts";

/** Where reading begins, in every partition. */
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

const unitMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/**
 * Reads what `-o` takes:
 *
 *   start | earliest | beginning | oldest     the first record that is left
 *   end | latest | newest                     only what comes from now on
 *   N                                         offset N
 *   +N                                        N offsets after the first one
 *   -N                                        the last N offsets of each partition
 *   @now | @-1h30m | @+5s                     a moment, as a distance from `now`
 *   @1790000000000 | @1790000000              epoch milliseconds (13 digits) or seconds (10 digits)
 *   @2026-11-22 | @2026-11-22T10:00 | …Z      a date or RFC 3339 time; local when without a zone
 *
 * Throws DpError `usage` for anything else. `now` is epoch milliseconds.
 */
export function parseStart(text: string, now: number): Start {
  switch (text) {
    case "start":
    case "earliest":
    case "beginning":
    case "oldest":
      return { kind: "start" };
    case "end":
    case "latest":
    case "newest":
      return { kind: "end" };
    default:
  }
  if (text.startsWith("@")) return { kind: "time", timestamp: parseTime(text, now) };
  const number = /^([+-]?)(\d{1,15})$/.exec(text);
  if (number === null) throw notAnOffset(text);
  const count = Number(number[2]);
  if (number[1] === "+") return { kind: "from-start", count };
  return number[1] === "-" ? { kind: "from-end", count } : { kind: "offset", offset: count };
}

function parseTime(text: string, now: number): number {
  const time = text.slice(1);
  if (time === "now") return now;
  if (/^\d{13}$/.test(time)) return Number(time);
  if (/^\d{10}$/.test(time)) return Number(time) * 1000;
  const distance = /^([+-])((?:\d+(?:ms|[smhd]))+)$/.exec(time);
  if (distance !== null) {
    let ms = 0;
    for (const [, count, unit] of (distance[2] ?? "").matchAll(/(\d+)(ms|[smhd])/g)) {
      ms += Number(count) * (unitMs[unit ?? ""] ?? 0);
    }
    return distance[1] === "-" ? now - ms : now + ms;
  }
  const parts =
    /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)(Z|[+-]\d{2}:\d{2})?)?$/i.exec(
      time,
    );
  if (parts === null) throw notAnOffset(text);
  // A date alone would be read as UTC by Date; with a time it is local.
  const [, day, clock = "00:00", zone = ""] = parts;
  const moment = new Date(`${day}T${clock}${zone.toUpperCase()}`).getTime();
  if (Number.isNaN(moment)) throw notAnOffset(text);
  return moment;
}

function notAnOffset(text: string): DpError {
  return new DpError({
    code: "usage",
    message: `"${text}" is not an offset`,
    why: "an offset is start, end, N, +N, -N or @TIME (@now, @-1h, @2026-11-22T10:00:00Z, @1790000000000)",
    next: "dp topic tail TOPIC -o start",
  });
}

/** The first offset to read of a log that holds [logStart, end). `timed` answers a time. */
export function positionOf(
  start: Start,
  log: { readonly logStart: number; readonly end: number; readonly timed: number | undefined },
): number {
  const within = (offset: number) => Math.min(Math.max(offset, log.logStart), log.end);
  switch (start.kind) {
    case "start":
      return log.logStart;
    case "end":
      return log.end;
    case "offset":
      return within(start.offset);
    case "from-start":
      return within(log.logStart + start.count);
    case "from-end":
      return within(log.end - start.count);
    case "time":
      return log.timed === undefined || log.timed < 0 ? log.end : within(log.timed);
  }
}
