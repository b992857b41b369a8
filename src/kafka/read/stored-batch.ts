import { batchesIn } from "../records/batch-header.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { compressions } from "../records/codecs.ts";
import { rangesOf } from "./log-ranges.ts";
import { errorText, noError } from "../protocol/error-codes.ts";
import { fetchRequest } from "../protocol/read-requests.ts";

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
  const [batch] = batchesIn(answer.records);
  if (batch?.base !== offset) throw new Error(`no batch begins at ${where}`);
  const codec = compressions[batch.codec] ?? `codec ${batch.codec}`;
  return { codec, bytes: batch.end - batch.at };
}
