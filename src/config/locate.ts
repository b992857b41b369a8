import type { Path } from "../stack/path.ts";
import type { ProblemPosition } from "../stack/problem.ts";

/** Offsets in the text, the end excluded. */
export type Span = readonly [start: number, end: number];

/** Where a value stands, and the key before it. */
export interface Mark {
  readonly key: Span | undefined;
  readonly value: Span | undefined;
}

/** The place of every value that was read, by path. */
export type Marks = ReadonlyMap<string, Mark>;

export function markKey(path: Path): string {
  return JSON.stringify(path);
}

/**
 * The span of the value at `path` (or of its key); a path that is not in the file is placed at the
 * nearest parent that is, and there at its key; at the beginning of a file without a value.
 */
export function locate(input: { marks: Marks; path: Path; on: "key" | "value" }): Span {
  const { marks, path, on } = input;
  const { key, value } = marks.get(markKey(path)) ?? {};
  const span = on === "value" ? (value ?? key) : (key ?? value);
  if (span) return span;
  return path.length === 0 ? [0, 0] : locate({ marks, path: path.slice(0, -1), on: "key" });
}

/** Line, column and length of a span of one text; a span over several lines ends with its first line. */
export type PositionOf = (span: Span) => ProblemPosition;

/** Reads the lines of the text once, so that many spans cost no more than their own look-up. */
export function positionsIn(text: string): PositionOf {
  const lineStarts = [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)];
  return ([start, end]) => {
    const line = countUpTo(lineStarts, start);
    const rest = text.slice(start, Math.max(end, start + 1));
    const firstLine = /^[^\r\n]*/.exec(rest)?.[0] ?? "";
    const column = start - (lineStarts[line - 1] ?? 0) + 1;
    return { line, column, length: Math.max(1, firstLine.trimEnd().length) };
  };
}

/** How many of the ascending numbers are at most `limit`. */
function countUpTo(numbers: readonly number[], limit: number): number {
  let [low, high] = [0, numbers.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((numbers[middle] ?? 0) <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
