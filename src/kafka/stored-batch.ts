import type { Cluster } from "./cluster.ts";
import { rangesOf } from "./log-ranges.ts";
import { errorText, noError } from "./wire/error-codes.ts";
import { fetchRequest } from "./wire/read-requests.ts";

const codecs = ["none", "gzip", "snappy", "lz4", "zstd"] as const;
/** Where in a batch its length and attributes stand; decoder.ts has the whole grammar. */
const lengthAt = 8;
const attributesAt = 21;

/**
 * The batch that begins at `offset`, as it lies in the log: its codec and its size with header. Throws
 * when no batch begins there.
 */
export async function readStoredBatch(
  cluster: Cluster,
  at: { readonly topic: string; readonly partition: number; readonly offset: number },
): Promise<{ codec: string; bytes: number }> {
  const { topic, partition, offset } = at;
  const [range] = await rangesOf({ cluster, topics: [topic], partitions: [partition] });
  const request = fetchRequest({
    positions: [{ topic, partition, offset }],
    maxWaitMs: 500,
    maxBytes: 1024 * 1024,
    partitionMaxBytes: 1024 * 1024,
  });
  const [answer] = await cluster.ask(range?.leader ?? -1, request);
  const where = `${topic} partition ${partition} offset ${offset}`;
  if (answer?.errorCode !== noError) {
    throw new Error(`${where}: ${errorText(answer?.errorCode ?? -1)}`);
  }
  const { records } = answer;
  if (records.length <= attributesAt + 2 || records.readBigInt64BE(0) !== BigInt(offset)) {
    throw new Error(`no batch begins at ${where}`);
  }
  const codec = records.readInt16BE(attributesAt) & 0x07;
  return {
    codec: codecs[codec] ?? `codec ${codec}`,
    bytes: lengthAt + 4 + records.readInt32BE(lengthAt),
  };
}
