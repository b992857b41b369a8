import { parseDuration, within, type Limits } from "../../config/units.ts";

/** Epoch milliseconds up to the year 9999. Brokers take negative ones for names of offsets, such as the end. */
const momentLimits: Limits = { least: 0, most: Date.UTC(10_000, 0) - 1 };

const datePattern =
  /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)(Z|[+-]\d{2}:\d{2})?)?$/i;

/**
 * Epoch milliseconds of a moment from 1970 to 9999; undefined for any other text:
 *
 *   now | -1h30m | +5s                     the distance from `now`, epoch milliseconds
 *   1790000000000 | 1790000000             epoch milliseconds (13 digits) or seconds (10 digits)
 *   2026-11-22 | 2026-11-22T10:00 | …Z     a date or RFC 3339 time; local when without a zone
 */
export function parseMoment(text: string, now: number): number | undefined {
  const moment = readMoment(text, now);
  return moment === undefined ? undefined : within(moment, momentLimits);
}

function readMoment(text: string, now: number): number | undefined {
  if (text === "now") return now;
  if (/^\d{13}$/.test(text)) return Number(text);
  if (/^\d{10}$/.test(text)) return Number(text) * 1000;
  const [, sign, distance = ""] = /^([+-])(.*)$/.exec(text) ?? [];
  if (sign !== undefined) {
    const ms = parseDuration(distance);
    return ms === undefined ? undefined : sign === "-" ? now - ms : now + ms;
  }
  const parts = datePattern.exec(text);
  if (parts === null) return undefined;
  // A date alone would be read as UTC by Date; with a time it is local.
  const [, day = "", clock = "00:00", zone = ""] = parts;
  // Date takes 30 February for 2 March.
  const [year = 0, month = 0, dayOfMonth = 0] = day.split("-").map(Number);
  if (new Date(Date.UTC(year, month - 1, dayOfMonth)).getUTCDate() !== dayOfMonth) return undefined;
  const moment = new Date(`${day}T${clock}${zone.toUpperCase()}`).getTime();
  return Number.isNaN(moment) ? undefined : moment;
}

/** `2026-11-22 10:00:00 local (09:00:00Z)`; with the date of UTC where that is another one. */
export function momentText(timestamp: number): string {
  const utc = new Date(timestamp).toISOString();
  const [day = "", clock = ""] = localIso(timestamp).split("T");
  const [utcDay = "", utcClock = ""] = utc.split("T");
  const short = (text: string): string => text.replace(/\.000/, "");
  const inUtc = utcDay === day ? utcClock : `${utcDay} ${utcClock}`;
  return `${day} ${short(clock)} local (${short(inUtc)})`;
}

/** Local time as `2026-11-22T10:00:00.000`. */
export function localIso(timestamp: number): string {
  const offsetMs = new Date(timestamp).getTimezoneOffset() * 60_000;
  return new Date(timestamp - offsetMs).toISOString().slice(0, -1);
}
