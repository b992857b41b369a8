import { DpError } from "../../../errors.ts";
import type { Decoding } from "../../../kafka/records/decoding.ts";
import type { OffsetRange } from "../../../kafka/read/offsets.ts";
import type { RecordFilter } from "../../../kafka/records/record-filter.ts";
import type { Emit } from "../../../model/events.ts";
import type { TailRequest } from "./run.ts";

export interface TailOptions {
  readonly lines?: number;
  readonly count?: number;
  readonly end?: boolean;
  readonly offset?: string;
  readonly partitions?: readonly number[];
  readonly grep?: readonly string[];
  readonly ignoreCase?: boolean;
  readonly idleExit?: number;
  readonly format?: string;
  readonly decode?: string;
  readonly readCommitted?: boolean;
  readonly checkCrcs?: boolean;
}

/** Of `tail` in Unix. */
const defaultLines = 10;

/** What the options ask for. Throws DpError `usage` for what can't be read. */
export async function readTailOptions(
  options: TailOptions,
  { topics, emit }: { readonly topics: readonly string[]; readonly emit: Emit },
): Promise<{ readonly request: TailRequest; readonly decoding: Decoding | undefined }> {
  const [range, decoding] = await Promise.all([
    parseRangeOf(options, emit),
    parseDecodingOf(options),
  ]);
  const request = {
    topics,
    partitions: options.partitions,
    range,
    lines: options.lines ?? defaultLines,
    count: options.count ?? Number.POSITIVE_INFINITY,
    toEnd: options.end === true,
    idleMs: options.idleExit,
    filter: await compileFilterOf(options, decoding),
    readCommitted: options.readCommitted === true,
    checkCrcs: options.checkCrcs === true,
  };
  return { request, decoding };
}

/** Tells the times that were meant, in local time and UTC. */
async function parseRangeOf(
  { lines, offset }: TailOptions,
  emit: Emit,
): Promise<OffsetRange | undefined> {
  if (offset === undefined) return undefined;
  if (lines !== undefined) {
    throw new DpError({
      code: "usage",
      message: "-n and -o can't be used together",
      why: "-n N starts N records before the end of the topic, -o somewhere else",
      next: "-o -N starts N before the end of each partition",
    });
  }
  const { parseRange, timesText } = await import("../../../kafka/read/offsets.ts");
  const range = parseRange(offset, Date.now());
  const text = timesText(range);
  if (text !== "") emit({ type: "note", level: "info", text });
  return range;
}

async function parseDecodingOf({ decode }: TailOptions): Promise<Decoding | undefined> {
  if (decode === undefined) return undefined;
  const { parseDecoding } = await import("../../../kafka/records/decoding.ts");
  return parseDecoding(decode);
}

async function compileFilterOf(
  { grep, ignoreCase = false }: TailOptions,
  decoding: Decoding | undefined,
): Promise<RecordFilter | undefined> {
  if (grep === undefined) return undefined;
  const { compileFilters } = await import("../../../kafka/records/record-filter.ts");
  return compileFilters(grep, { ignoreCase, decoding });
}

export function collectTexts(text: string, before: readonly string[] = []): string[] {
  return [...before, text];
}
