import { formatFaults, isWhole, judge, type Delivery } from "../delivery.ts";
import type { Acks, KafkaCheck, Judgement } from "../model.ts";
import { askTime } from "../patience.ts";
import { awaitDelivery, taggedRecords } from "../tagged.ts";

const levels: readonly Acks[] = [0, 1, "all"];
const roundsPerLevel = 34;

export interface LevelProof {
  readonly acks: Acks;
  readonly delivery: Delivery;
  readonly failure: string | undefined;
}

export const acksCheck: KafkaCheck = {
  name: "acks",
  proves:
    "Records written with acks 1 and all are stored exactly once; those with acks 0 are counted",
  async run({ cluster, canaries, timeoutMs, signal }) {
    const topic = await canaries.topic("canary");
    const partitions = Array.from({ length: topic.partitions }, (_, index) => index);
    const proofs = await Promise.all(
      levels.map(async (acks): Promise<LevelProof> => {
        const tag = `acks-${acks}`;
        const records = taggedRecords(tag, { count: roundsPerLevel, partitions });
        const written = { topic: topic.name, records, acks, codec: "none", signal } as const;
        const { failure } = await cluster.produce(written);
        const delivery = await awaitDelivery({
          cluster,
          topic: topic.name,
          tag,
          expected: records,
          patienceMs: askTime(timeoutMs),
          signal,
        });
        return { acks, delivery, failure };
      }),
    );
    return judgeAcks(proofs);
  },
};

/**
 * Every level delivered everything, and acks 0 nothing twice or elsewhere: with acks 0 no broker says what
 * it took, and Kafka promises nothing. Lost records are reported. Pure.
 */
export function judgeAcks(proofs: readonly LevelProof[]): Judgement {
  const faults = proofs.flatMap(({ acks, delivery, failure }) => {
    if (failure !== undefined) return [`acks ${acks}: refused: ${failure}`];
    if (isWhole(acks === 0 ? { ...delivery, lost: 0 } : delivery)) return [];
    return [`acks ${acks}: of ${delivery.expected} records ${formatFaults(delivery)}`];
  });
  if (faults.length > 0) return judge(false, faults.join("; "));
  const counts = proofs.map(
    ({ acks, delivery }) => `${acks}: ${delivery.returned} of ${delivery.expected}`,
  );
  const lost = proofs.find(({ acks }) => acks === 0)?.delivery.lost ?? 0;
  const note = lost > 0 ? `; acks 0 lost ${lost}, which Kafka allows` : "";
  return judge(proofs.length === levels.length, `acks ${counts.join(", ")}${note}`);
}
