import { compareDelivery, formatFaults, isWhole, judge, type Delivery } from "../delivery.ts";
import type { KafkaCheck, Judgement } from "../model.ts";

const keys = 50;

export const orderCheck: KafkaCheck = {
  name: "order",
  proves: "Records with keys are returned exactly once, and in order within each partition",
  async run({ cluster, canaries, records: count, signal }) {
    const topic = await canaries.topic("order");
    const records = Array.from({ length: count }, (_, index) => {
      const key = `key-${index % keys}`;
      const partition = cluster.partitionOf(key, topic.partitions);
      return { key, value: `order ${index}`, partition };
    });
    const { failed, failure } = await cluster.produce({
      topic: topic.name,
      // The partition is what is expected, not what is asked for.
      records: records.map(({ key, value }) => ({ key, value })),
      acks: "all",
      codec: "none",
      signal,
    });
    const read = await cluster.read(topic.name);
    const used = new Set(records.map(({ partition }) => partition)).size;
    const delivery = compareDelivery(records, read);
    return judgeOrder({ delivery, partitions: used, failed, failure });
  },
};

/** Pure. */
export function judgeOrder(seen: {
  readonly delivery: Delivery;
  /** That hold records. */
  readonly partitions: number;
  readonly failed: number;
  readonly failure: string | undefined;
}): Judgement {
  const { delivery, partitions, failed, failure } = seen;
  const where = `${delivery.expected} records on ${partitions} partition${partitions === 1 ? "" : "s"}`;
  if (failed > 0) return judge(false, `${where}: ${failed} refused: ${failure}`);
  if (!isWhole(delivery)) return judge(false, `${where}: ${formatFaults(delivery)}`);
  return judge(true, `${where}, in order, 0 lost, 0 doubled`);
}
