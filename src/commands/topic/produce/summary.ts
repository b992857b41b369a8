import { DpError } from "../../../errors.ts";
import type { Produced } from "../../../kafka/produce/produce.ts";
import type { ProduceFailure } from "../../../kafka/produce/failures.ts";
import { formatCount, formatDuration, formatSize } from "../../../report/format.ts";
import type { Input } from "./input.ts";

interface Outcome {
  readonly topic: string;
  readonly produced: Produced;
  readonly input: Input;
}

/** What `dp topic produce --json` prints. */
export interface ProduceDocument {
  readonly topic: string;
  readonly records: number;
  /** Of keys and values. */
  readonly bytes: number;
  readonly failed: number;
  /** Older than the topic's retention. */
  readonly expired: number;
  readonly failure: string | null;
  readonly failures: readonly {
    readonly why: string;
    readonly next: string | null;
    readonly records: number;
    readonly lines: readonly { readonly file: string | null; readonly line: number }[];
  }[];
  readonly durationMs: number;
  readonly recordsPerSecond: number;
  readonly bytesPerSecond: number;
}

export function produceDocument({ topic, produced, input }: Outcome): ProduceDocument {
  const failures = allFailures({ topic, produced, input });
  const seconds = Math.max(0.001, produced.durationMs / 1000);
  return {
    topic,
    records: produced.records,
    bytes: produced.bytes,
    failed: produced.failed + input.bad.count(),
    expired: produced.expired,
    failure: failures[0]?.why ?? null,
    failures: failures.map(({ why, next = null, records, lines }) => ({
      why,
      next,
      records,
      lines: lines.map((line) => {
        const place = input.placeOf(line);
        return { file: place.file ?? null, line: place.line };
      }),
    })),
    durationMs: Math.round(produced.durationMs),
    recordsPerSecond: Math.round(produced.records / seconds),
    bytesPerSecond: Math.round(produced.bytes / seconds),
  };
}

export function produceText(document: ProduceDocument, acks: "0" | "1" | "all"): string {
  const { topic, records, bytes, durationMs, recordsPerSecond, bytesPerSecond, failed } = document;
  const what = `${formatCount(records, "record")} (${formatSize(bytes)})`;
  const rate = `${recordsPerSecond} a second, ${formatSize(bytesPerSecond)}/s`;
  const verb = acks === "0" ? "sent" : "wrote";
  const trust = acks === "0" ? "; with acks 0 nobody says whether they arrived" : "";
  const bad = failed === 0 ? "" : `; ${failed} failed`;
  return `${verb} ${what} to ${topic} in ${formatDuration(durationMs)}, ${rate}${trust}${bad}\n`;
}

/** Which records were not written and why; undefined when all were. */
export function produceFailure(outcome: Outcome): DpError | undefined {
  const { topic, produced, input } = outcome;
  const failed = produced.failed + input.bad.count();
  if (failed === 0 && produced.ended === undefined) return undefined;
  const failures = allFailures(outcome);
  const evidence = failures.map((failure) => formatFailure(failure, input));
  if (produced.ended !== undefined) {
    evidence.push(
      `what came after line ${formatPlace(input.placeOf(input.linesRead()))} was not read`,
    );
  }
  return new DpError({
    code: produced.failed > 0 || produced.ended !== undefined ? "kafka-failed" : "io-failed",
    message: `${failed} of ${produced.records + failed} records were not written to ${topic}`,
    why: produced.ended ?? failures[0]?.why,
    evidence,
    next: failures.find(({ next }) => next !== undefined)?.next,
  });
}

function allFailures({ produced, input }: Outcome): ProduceFailure[] {
  return [...produced.failures, ...input.bad.list()];
}

/** `lines 2, 5-9 and 3 more: why` */
function formatFailure({ why, records, lines }: ProduceFailure, input: Input): string {
  const names = runsOf(lines.map((line) => input.placeOf(line))).map(([from, to]) =>
    from === to ? formatPlace(from) : `${formatPlace(from)}-${to.line}`,
  );
  const more = records - lines.length;
  const rest = more > 0 ? ` and ${more} more` : "";
  const sample = input.samples.get(lines[0] ?? 0);
  const text = sample === undefined ? "" : `, as in ${sample}`;
  return `${records === 1 ? "line" : "lines"} ${names.join(", ")}${rest}: ${why}${text}`;
}

type Place = ReturnType<Input["placeOf"]>;

function formatPlace({ file, line }: Place): string {
  return file === undefined ? `${line}` : `${file}:${line}`;
}

/** First and last of each run of lines that follow each other in one file. */
function runsOf(places: readonly Place[]): [from: Place, to: Place][] {
  const runs: [Place, Place][] = [];
  for (const place of places) {
    const last = runs.at(-1);
    if (last?.[1].file === place.file && last?.[1].line === place.line - 1) last[1] = place;
    else runs.push([place, place]);
  }
  return runs;
}
