import { DpError } from "../../errors.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { sourceRecord, type SourceRecord } from "./encoder.ts";
import { rangesOf, type LogRange } from "../read/log-ranges.ts";
import { produceRecords } from "./produce.ts";
import { readRecords } from "../read/reader.ts";
import type { NewRecord } from "../records/record.ts";
import { readSeed, type Seed } from "./seed-lines.ts";

/** What became of a topic that has a seed file. */
export type Seeded =
  /** Records were written; `from` is the line count that was there before, 0 for an empty topic. */
  | {
      readonly kind: "loaded";
      readonly from: number;
      readonly records: number;
      /** Records that are older than the topic's retention: brokers delete them soon. */
      readonly expired: number;
    }
  /** It holds exactly the seed. */
  | { readonly kind: "complete"; readonly records: number }
  /** It holds something else; nothing was written. */
  | { readonly kind: "left-alone"; readonly why: string };

/**
 * Loads a seed file, one record a line (`readSeed`), into an empty topic.
 * A topic of one partition that holds a beginning of the file gets the rest of it. Any other topic is
 * left alone. Throws DpError when the file can't be read or records can't be written.
 */
export async function seedTopic(options: {
  cluster: Cluster;
  topic: string;
  seed: Seed;
  signal?: AbortSignal | undefined;
}): Promise<Seeded> {
  const { cluster, topic, seed, signal } = options;
  const ranges = await rangesOf({ cluster, topics: [topic], signal });
  const lines = readSeed(seed);
  const [only] = ranges;
  let from = 0;
  if (ranges.some(({ end }) => end > 0)) {
    if (only === undefined || ranges.length > 1) {
      return { kind: "left-alone", why: "it has records, in more than one partition" };
    }
    const held = await compareBeginning({ cluster, range: only, lines, signal });
    if (held !== "a beginning") return { kind: "left-alone", why: held };
    from = only.end;
  }
  async function* oneByOne(): AsyncGenerator<readonly SourceRecord[], void, void> {
    for await (const line of lines) yield [sourceRecord(line)];
  }
  const { records, failed, failure, expired } = await produceRecords({
    cluster,
    topic,
    records: oneByOne(),
    mayBeOld: true,
    signal,
  });
  if (failed > 0) {
    throw new DpError({
      code: "kafka-failed",
      message: `seed of topic "${topic}" was not loaded whole`,
      why: failure,
      evidence: [`${from + records} records are there, ${failed} failed`],
      next: "dp up goes on where it stopped when the topic has one partition",
    });
  }
  return records === 0 && from > 0
    ? { kind: "complete", records: from }
    : { kind: "loaded", from, records, expired };
}

/** Takes one line for each record of the partition; the lines after them are left to be read. */
async function compareBeginning(options: {
  cluster: Cluster;
  range: LogRange;
  lines: AsyncGenerator<NewRecord, void, void>;
  signal?: AbortSignal | undefined;
}): Promise<string> {
  const { cluster, range, lines, signal } = options;
  let expected = 0;
  const plan = [{ ...range, from: range.logStart, until: range.end }];
  for await (const batch of readRecords({ cluster, plan, signal })) {
    for (const record of batch) {
      const line = await lines.next();
      if (line.done === true) return "it has more records than the seed";
      const { key, value } = line.value;
      const same = sameBytes(record.key, key) && sameBytes(record.value, value);
      if (record.offset !== expected || !same) {
        await lines.return();
        return `its record at offset ${record.offset} is not that of the seed`;
      }
      expected++;
    }
  }
  signal?.throwIfAborted();
  if (expected === range.end) return "a beginning";
  await lines.return();
  return "records at its end are gone";
}

function sameBytes(a: Buffer | null, b: Buffer | null): boolean {
  return a === null || b === null ? a === b : a.equals(b);
}
