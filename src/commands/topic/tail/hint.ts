import type { LogRange } from "../../../kafka/read/log-ranges.ts";

/** A partition with the offset at which reading it began. */
export interface BegunAt extends LogRange {
  readonly from: number;
}

/** What a reader is told who sees nothing: where dp reads, and what would show something. */
export function silenceHint(options: {
  readonly partitions: readonly BegunAt[];
  /** Records that were read and did not match. */
  readonly unmatched: number;
}): string {
  const { partitions, unmatched } = options;
  const isEarlier = partitions.some(({ logStart, from }) => from > logStart);
  const nothing = unmatched === 0 ? "nothing yet" : `none of ${unmatched} records matches yet`;
  const advice = isEarlier ? "; -o start shows what is there" : "";
  return `${nothing} from ${topicsText(partitions, beginText)}${advice}`;
}

/** What a reader is told who waits for the last records to be found. */
export function searchHint(count: number): string {
  return `still reading back from the end for the last ${count}; -n 0 shows only what comes`;
}

/** Why a reading that has an end gave nothing. */
export function nothingThere(ranges: readonly LogRange[]): string {
  return `nothing to read: ${topicsText(ranges, contentText)}`;
}

function topicsText<Item extends LogRange>(
  items: readonly Item[],
  describe: (items: readonly Item[]) => string,
): string {
  const topics = [...new Set(items.map(({ topic }) => topic))];
  return topics
    .map((topic) => {
      const own = items.filter((item) => item.topic === topic);
      return `${topic} (${isEmpty(own) ? "empty" : describe(own)})`;
    })
    .join(", ");
}

function isEmpty(ranges: readonly LogRange[]): boolean {
  return ranges.every(({ logStart, end }) => logStart === end);
}

function beginText(items: readonly BegunAt[]): string {
  const atEnd = items.every(({ from, end }) => from === end);
  const offsets = listText(items.map(({ from }) => String(from)));
  return `${partitionsText(items)} from ${atEnd ? "the end: " : ""}offset ${offsets}`;
}

function contentText(ranges: readonly LogRange[]): string {
  const held = ranges.map(({ logStart, end }) =>
    logStart === end ? "none" : `${logStart}:${end}`,
  );
  return `${partitionsText(ranges)}: offsets ${listText(held)}`;
}

function partitionsText(ranges: readonly LogRange[]): string {
  const numbers = ranges.map(({ partition }) => String(partition));
  return `${numbers.length === 1 ? "partition" : "partitions"} ${listText(numbers)}`;
}

const listed = 6;

function listText(texts: readonly string[]): string {
  const more = texts.length > listed ? `, … ${texts.length - listed} more` : "";
  return `${texts.slice(0, listed).join(", ")}${more}`;
}
