import type { ReadStream } from "node:fs";
import { DpError, messageOf } from "../../errors.ts";
import { openRegularFile } from "../../files/regular-file.ts";
import { parseSeedLine, type NewRecord, type SeedFormat } from "../records/record.ts";
import { isBlank, splitLines } from "./lines.ts";

export interface Seed {
  /** Absolute path. */
  readonly file: string;
  /** Undefined: each line tells by itself (`parseSeedLine`). */
  readonly format: SeedFormat | undefined;
}

/**
 * The records of a seed file, one a line; blank lines are left out. Throws DpError `io-failed` when the file
 * can't be read, and `usage` with file and line for a line that is no record.
 */
export async function* readSeed({ file, format }: Seed): AsyncGenerator<NewRecord, void, void> {
  let stream: ReadStream | undefined;
  let number = 0;
  try {
    stream = (await openRegularFile(file)).createReadStream();
    for await (const { bytes, bounds } of splitLines(stream as AsyncIterable<Buffer>)) {
      for (let index = 0; index < bounds.length; index += 2) {
        const [start = 0, end = 0] = bounds.slice(index, index + 2);
        number++;
        if (!isBlank(bytes, start, end)) yield parseSeedLine(bytes.subarray(start, end), format);
      }
    }
  } catch (error) {
    if (error instanceof DpError) throw atLine(error, `${file}:${number}`);
    throw new DpError({
      code: "io-failed",
      message: `can't read the seed ${file}`,
      why: messageOf(error),
      cause: error,
    });
  } finally {
    stream?.destroy();
  }
}

function atLine({ why, evidence, next }: DpError, place: string): DpError {
  return new DpError({ code: "usage", message: `${place} is not a record`, why, evidence, next });
}

/** The first problem in the first `lines` records of a seed; undefined when they can be read. */
export async function checkSeed(seed: Seed, lines: number): Promise<DpError | undefined> {
  let left = lines;
  try {
    for await (const _record of readSeed(seed)) {
      if (--left === 0) break;
    }
    return undefined;
  } catch (error) {
    if (error instanceof DpError) return error;
    throw error;
  }
}
