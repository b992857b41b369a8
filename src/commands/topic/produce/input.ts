import { isUtf8 } from "node:buffer";
import { access, constants, stat } from "node:fs/promises";
import type { Readable } from "node:stream";
import { DpError, messageOf } from "../../../errors.ts";
import { sourceRecord, type SourceRecord } from "../../../kafka/produce/encoder.ts";
import { isBlank, splitLines, type Lines } from "../../../kafka/produce/lines.ts";
import { createFailures, type Failures } from "../../../kafka/produce/failures.ts";
import { parseJsonRecord, type NewRecord } from "../../../kafka/records/record.ts";
import { readChunks } from "./chunks.ts";
import type { ProduceOptions } from "./options.ts";

/** What is read, a record a line. */
export interface Input {
  /** In groups, whose records are made one by one as they are taken: none is kept. */
  records(): AsyncGenerator<Iterable<SourceRecord>, void, void>;
  /** Lines that are no records. */
  readonly bad: Failures;
  /** The first bad lines themselves, by their number. */
  readonly samples: ReadonlyMap<number, string>;
  linesRead(): number;
  bytesRead(): number;
  /** Where a line stands; the file is undefined when only one is read. */
  placeOf(line: number): { readonly file: string | undefined; readonly line: number };
  /** Reads no more. */
  end(): void;
}

const sampleChars = 120;
const samplesKept = 20;

/** Files one after another, `-` and none being standard input; lines are counted through all of them. */
export function openInput(from: {
  readonly files: readonly string[];
  readonly stdin: Readable;
  readonly json: boolean;
  readonly options: ProduceOptions;
}): Input {
  const { stdin, json, options } = from;
  const files = from.files.length === 0 ? ["-"] : from.files;
  const parse = recordParser(json, options);
  const bad = createFailures();
  const samples = new Map<number, string>();
  const begins: { readonly file: string; readonly before: number }[] = [];
  let line = 0;
  let bytes = 0;
  const ending = new AbortController();

  async function* chunksOf(file: string): AsyncGenerator<Buffer, void, void> {
    const chunks =
      file === "-" ? (stdin as AsyncIterable<Buffer>) : readChunks(file, ending.signal);
    for await (const chunk of chunks) {
      bytes += chunk.length;
      yield chunk;
    }
  }

  function* parseAll({ bytes: text, bounds }: Lines): Generator<SourceRecord, void, void> {
    for (let index = 0; index < bounds.length; index += 2) {
      const start = bounds[index] ?? 0;
      const end = bounds[index + 1] ?? start;
      line++;
      if (json && isBlank(text, start, end)) continue;
      let record: SourceRecord | undefined;
      try {
        record = parse({ text, start, end, line });
      } catch (error) {
        if (!(error instanceof DpError)) throw error;
        bad.add({ why: error.why ?? error.message, next: error.next, records: 1, lines: [line] });
        if (samples.size >= samplesKept) continue;
        samples.set(line, text.toString("utf8", start, Math.min(end, start + sampleChars)));
      }
      if (record !== undefined) yield record;
    }
  }

  return {
    bad,
    samples,
    linesRead: () => line,
    bytesRead: () => bytes,
    end() {
      ending.abort();
      stdin.destroy();
    },
    placeOf(wanted) {
      const begin = begins.findLast(({ before }) => before < wanted);
      const file = files.length > 1 ? begin?.file : undefined;
      return { file, line: wanted - (begin?.before ?? 0) };
    },
    async *records() {
      await assertReadable(files);
      for (const file of files) {
        if (ending.signal.aborted) return;
        begins.push({ file, before: line });
        try {
          for await (const lines of splitLines(chunksOf(file), options.delimiter)) {
            yield parseAll(lines);
          }
        } catch (error) {
          // Ending the source on purpose looks like a failure of it.
          if (ending.signal.aborted) return;
          throw error instanceof DpError ? error : unreadable(file, error);
        }
      }
    },
  };
}

/** Finds a file that can't be read before a record of another one is written. None is opened: FIFOs end. */
async function assertReadable(files: readonly string[]): Promise<void> {
  for (const file of files) {
    if (file === "-") continue;
    try {
      await access(file, constants.R_OK);
      if ((await stat(file)).isDirectory()) throw new Error("it is a folder");
    } catch (error) {
      throw unreadable(file, error);
    }
  }
}

function unreadable(file: string, error: unknown): DpError {
  return new DpError({
    code: "io-failed",
    message: `can't read ${file === "-" ? "standard input" : file}`,
    why: messageOf(error),
    cause: error,
  });
}

interface Line {
  readonly text: Buffer;
  readonly start: number;
  readonly end: number;
  readonly line: number;
}

function recordParser(json: boolean, options: ProduceOptions): (line: Line) => SourceRecord {
  const { header: headers = [], partition, keyDelimiter } = options;
  const key = options.key === undefined ? null : Buffer.from(options.key);
  const emptyIsNull = options.tombstone === true;
  const lengthOf = (length: number): number => (emptyIsNull && length === 0 ? -1 : length);
  const timestamp = undefined;
  if (json) {
    return ({ text, start, end, line }) => {
      const record = parseJson(text.subarray(start, end));
      const source = sourceRecord(record);
      const own = record.headers.length === 0 ? headers : [...record.headers, ...headers];
      const valueLength = lengthOf(source.valueLength);
      return { ...source, key: key ?? record.key, headers: own, valueLength, partition, line };
    };
  }
  if (keyDelimiter !== undefined) {
    return ({ text, start, end, line }) => {
      const at = text.subarray(start, end).indexOf(keyDelimiter);
      const own = at < 0 ? null : text.subarray(start, start + at);
      const valueAt = at < 0 ? start : start + at + keyDelimiter.length;
      const valueLength = lengthOf(end - valueAt);
      return { key: own, bytes: text, valueAt, valueLength, headers, partition, timestamp, line };
    };
  }
  return ({ text, start, end, line }) => {
    const valueLength = lengthOf(end - start);
    return { key, bytes: text, valueAt: start, valueLength, headers, partition, timestamp, line };
  };
}

function parseJson(text: Buffer): NewRecord {
  if (isUtf8(text)) return parseJsonRecord(text.toString());
  const why = "it is not UTF-8; other bytes are written as base64";
  throw new DpError({ code: "usage", message: "a line is not a record", why });
}
