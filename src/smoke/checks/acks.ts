import { formatFaults, isWhole, judge, withoutResent, type Delivery } from "../delivery.ts";
import type { Acks, KafkaCheck, Judgement } from "../model.ts";
import { askTime } from "../patience.ts";
import { awaitDelivery, taggedRecords } from "../tagged.ts";

const levels: readonly Acks[] = [0, 1, "all"];
const roundsPerLevel = 34;

export interface LevelProof {
  readonly acks: Acks;
  readonly delivery: Delivery;
  /** How often a record was sent again because an answer was lost. */
  readonly resent: number;
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
        const { failure, resent } = await cluster.produce(written);
        const delivery = await awaitDelivery({
          cluster,
          topic: topic.name,
          tag,
          expected: records,
          patienceMs: askTime(timeoutMs),
          signal,
        });
        return { acks, delivery, resent, failure };
      }),
    );
    return judgeAcks(proofs);
  },
};

/**
 * Every level delivered everything, and acks 0 nothing twice or elsewhere: with acks 0 no broker says what
 * it took, and Kafka promises nothing. Lost records are reported. Records that were sent again after a lost
 * answer may be duplicates, which acks 0 and 1 allow. Pure.
 */
export function judgeAcks(proofs: readonly LevelProof[]): Judgement {
  const faults = proofs.flatMap(({ acks, delivery, resent, failure }) => {
    if (failure !== undefined) return [`acks ${acks}: refused: ${failure}`];
    const counted = withoutResent(delivery, resent);
    if (isWhole(acks === 0 ? { ...counted, lost: 0 } : counted)) return [];
    return [`acks ${acks}: of ${delivery.expected} records ${formatFaults(counted)}`];
  });
  if (faults.length > 0) return judge(false, faults.join("; "));
  const counts = proofs.map(
    ({ acks, delivery }) => `${acks}: ${delivery.returned} of ${delivery.expected}`,
  );
  const lost = proofs.find(({ acks }) => acks === 0)?.delivery.lost ?? 0;
  const note = lost > 0 ? `; acks 0 lost ${lost}, which Kafka allows` : "";
  const twice = proofs.filter(({ delivery }) => delivery.doubled > 0);
  const notes = twice.map(
    ({ acks, delivery }) =>
      `; acks ${acks} stored ${delivery.doubled} twice after a lost answer, which Kafka allows`,
  );
  return judge(
    proofs.length === levels.length,
    `acks ${counts.join(", ")}${note}${notes.join("")}`,
  );
}
