import { formatFaults, isWhole, judge, type Delivery } from "../delivery.ts";
import type { KafkaCheck, Codec, Judgement, StoredBatch } from "../model.ts";
import { askTime } from "../patience.ts";
import { awaitDelivery, taggedRecords } from "../tagged.ts";

const codecs: readonly Codec[] = ["none", "gzip"];
const records = 100;

export interface CodecProof {
  readonly codec: Codec;
  /** The batch as it lies in the log; undefined when nothing was written. */
  readonly stored: StoredBatch | undefined;
  readonly delivery: Delivery;
  readonly failure: string | undefined;
}

export const codecsCheck: KafkaCheck = {
  name: "codecs",
  proves: "Batches without compression and with gzip are stored so, and read back completely",
  async run({ cluster, canaries, timeoutMs, signal }) {
    const { name: topic } = await canaries.topic("canary");
    const proofs = await Promise.all(
      codecs.map(async (codec): Promise<CodecProof> => {
        const tag = `codec-${codec}`;
        const partition = 0;
        const sent = taggedRecords(tag, { count: records, partitions: [partition] });
        const written = { topic, records: sent, acks: "all", codec, signal } as const;
        const { failure, firstOffsets } = await cluster.produce(written);
        const offset = firstOffsets.get(partition);
        const delivery = await awaitDelivery({
          cluster,
          topic,
          partition,
          tag,
          expected: sent,
          patienceMs: askTime(timeoutMs),
          signal,
        });
        const stored =
          offset === undefined
            ? undefined
            : await cluster.storedBatch({ topic, partition, offset });
        return { codec, stored, delivery, failure };
      }),
    );
    return judgeCodecs(proofs);
  },
};

/** Every codec is the one in the log, and gzip saves room. Pure. */
export function judgeCodecs(proofs: readonly CodecProof[]): Judgement {
  const plain = proofs.find(({ codec }) => codec === "none")?.stored?.bytes ?? 0;
  const faults = proofs.flatMap(({ codec, stored, delivery, failure }) => {
    if (failure !== undefined) return [`${codec}: refused: ${failure}`];
    if (stored === undefined) return [`${codec}: not found in the log`];
    if (stored.codec !== codec) return [`${codec}: stored as ${stored.codec}`];
    if (codec !== "none" && stored.bytes >= plain) {
      return [`${codec}: ${stored.bytes} B stored, not less than ${plain} B plain`];
    }
    if (!isWhole(delivery)) return [`${codec}: of ${delivery.expected} ${formatFaults(delivery)}`];
    return [];
  });
  if (faults.length > 0) return judge(false, faults.join("; "));
  const sizes = proofs.map(({ codec, stored }) => `${codec} ${stored?.bytes} B`);
  return judge(
    proofs.length === codecs.length,
    `${records} records each, stored as asked: ${sizes.join(", ")}`,
  );
}
