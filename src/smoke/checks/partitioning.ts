import { judge } from "../delivery.ts";
import type { KafkaCheck, Judgement, ReadRecord } from "../model.ts";
import { withTag } from "../tagged.ts";

/**
 * Hashes of Java's partitioner, from the tests of its clients (UtilsTest.testMurmur2 in
 * org.apache.kafka.common.utils): the positive 31 bits of murmur2.
 */
const javaHashes: readonly (readonly [key: string, hash: number])[] = [
  ["21", -973_932_308],
  ["foobar", -790_332_482],
  ["a-little-bit-long-string", -985_981_536],
  ["a-little-bit-longer-string", -1_486_304_829],
  ["lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58_897_971],
  ["abc", 479_470_107],
];

const rounds = 2;

export interface KeyPlace {
  readonly key: string;
  readonly partition: number;
}

export const partitioningCheck: KafkaCheck = {
  name: "partitioning",
  proves: "Records of a key are in the same partition, the one that Java clients choose",
  async run({ cluster, canaries, signal }) {
    const topic = await canaries.topic("canary");
    const expected = javaPlaces(topic.partitions);
    for (let round = 0; round < rounds; round++) {
      const records = expected.map(({ key }) => ({ key, value: `keys ${round}` }));
      const written = { topic: topic.name, records, acks: "all", codec: "none", signal } as const;
      const { failed, failure } = await cluster.produce(written);
      if (failed > 0) return judge(false, `${failed} refused: ${failure}`);
    }
    const read = withTag(await cluster.read(topic.name), "keys");
    return judgePartitioning({ expected, read, partitions: topic.partitions });
  },
};

/** Where Java puts the keys whose hashes are published. */
export function javaPlaces(partitions: number): KeyPlace[] {
  return javaHashes.map(([key, hash]) => ({ key, partition: (hash & 0x7fffffff) % partitions }));
}

/** Each key was found as often as it was written, always where Java puts it. Pure. */
export function judgePartitioning(seen: {
  readonly expected: readonly KeyPlace[];
  readonly read: readonly ReadRecord[];
  readonly partitions: number;
}): Judgement {
  const { expected, read, partitions } = seen;
  const faults = expected.flatMap(({ key, partition }) => {
    const own = read.filter((record) => record.key === key);
    const wrong = own.find((record) => record.partition !== partition);
    if (wrong) return [`key "${key}" on partition ${wrong.partition}, Java's is ${partition}`];
    return own.length === rounds ? [] : [`key "${key}" came ${own.length} times of ${rounds}`];
  });
  if (faults.length > 0) return judge(false, faults.join("; "));
  return judge(
    expected.length > 0,
    `${expected.length} keys, ${rounds} times each on ${partitions} partitions, where Java's murmur2 puts them`,
  );
}
