import { localIso } from "./moments.ts";
import type { Timestamp } from "../protocol/int64.ts";

type Piece = (timestamp: number) => string;

const slice =
  (from: number, to: number): Piece =>
  (timestamp) =>
    localIso(timestamp).slice(from, to);

/** The codes of C's strftime that people type; L is milliseconds. */
const codes: ReadonlyMap<string, Piece> = new Map<string, Piece>([
  ["Y", slice(0, 4)],
  ["m", slice(5, 7)],
  ["d", slice(8, 10)],
  ["H", slice(11, 13)],
  ["M", slice(14, 16)],
  ["S", slice(17, 19)],
  ["L", slice(20, 23)],
  ["F", slice(0, 10)],
  ["T", slice(11, 19)],
  ["s", (timestamp) => String(Math.floor(timestamp / 1000))],
  ["z", zoneText],
  ["%", () => "%"],
]);

export const timeCodes: string = [...codes.keys()].map((code) => `%${code}`).join(" ");

function zoneText(timestamp: number): string {
  const minutes = -new Date(timestamp).getTimezoneOffset();
  const two = (number: number): string => String(Math.floor(number)).padStart(2, "0");
  return `${minutes < 0 ? "-" : "+"}${two(Math.abs(minutes) / 60)}${two(Math.abs(minutes) % 60)}`;
}

/** The end of the year 9999; some count nanoseconds where Kafka means milliseconds. */
const lastTime = 253_402_214_400_000;

/**
 * Compiles the text of a time, as `%F %T`; the result writes epoch milliseconds in local time, or as
 * timeText does where it has none. Returns the index of a code that is not known instead.
 */
export function compileTime(format: string): ((timestamp: Timestamp) => string) | number {
  const pieces: Piece[] = [];
  for (const { 0: whole, 1: code, index } of format.matchAll(/[^%]+|%(.?)/gsu)) {
    const piece = code === undefined ? () => whole : codes.get(code);
    if (piece === undefined) return index;
    pieces.push(piece);
  }
  return (timestamp) => {
    if (timestamp < 0) return "-";
    if (timestamp > lastTime) return String(timestamp);
    const time = Number(timestamp);
    return pieces.map((piece) => piece(time)).join("");
  };
}
