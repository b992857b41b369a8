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
 * nearest parent that is, and there at its key. Undefined when nothing of it was written.
 */
export function locate(input: { marks: Marks; path: Path; on: "key" | "value" }): Span | undefined {
  const { marks, path, on } = input;
  const mark = marks.get(markKey(path));
  if (mark) return on === "value" ? (mark.value ?? mark.key) : (mark.key ?? mark.value);
  return path.length === 0 ? undefined : locate({ marks, path: path.slice(0, -1), on: "key" });
}

/** Line, column and length of a span; a span over several lines ends with its first line. */
export function positionOf(text: string, span: Span): ProblemPosition {
  const [start, end] = span;
  const before = text.slice(0, start);
  const lineStart = before.lastIndexOf("\n") + 1;
  const line = before.split("\n").length;
  const rest = text.slice(start, Math.max(end, start + 1));
  const firstLine = /^[^\r\n]*/.exec(rest)?.[0] ?? "";
  return { line, column: start - lineStart + 1, length: Math.max(1, firstLine.trimEnd().length) };
}
