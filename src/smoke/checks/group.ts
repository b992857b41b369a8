import { reasonOf } from "../reason.ts";
import { judge } from "../delivery.ts";
import type { KafkaCheck, GroupRead, Judgement } from "../model.ts";
import { taggedRecords } from "../tagged.ts";

const roundsWritten = 20;

export const groupCheck: KafkaCheck = {
  name: "group",
  proves:
    "A consumer group joins, commits, leaves, and resumes without skipped or repeated records",
  async run({ cluster, canaries, signal, timeoutMs }) {
    const topic = await canaries.topic("group");
    const partitions = Array.from({ length: topic.partitions }, (_, index) => index);
    const records = taggedRecords("group", { count: roundsWritten, partitions });
    const written = { topic: topic.name, records, acks: "all", codec: "none", signal } as const;
    const { failed, failure } = await cluster.produce(written);
    if (failed > 0) return judge(false, `${failed} refused: ${failure}`);
    const group = canaries.name("group");
    const turn = async (count: number): Promise<GroupRead> => {
      signal.throwIfAborted();
      return cluster.readWithGroup({ topic: topic.name, group, count, timeoutMs, signal });
    };
    // Not a multiple of a partition's records: the group stops in the middle of one.
    const half = Math.floor(records.length / 2) - 1;
    const first = await turn(half);
    const second = await turn(records.length - half);
    const deleted = await cluster.deleteGroups([group]).then(() => undefined, reasonOf);
    const ends = new Map(partitions.map((partition) => [partition, roundsWritten]));
    return judgeGroup({ ends, first, second, undeleted: deleted });
  },
};

/** The second turn begins where the first one committed, and both together read everything once. Pure. */
export function judgeGroup(seen: {
  /** Partition → how many records it holds, from offset 0. */
  readonly ends: ReadonlyMap<number, number>;
  readonly first: GroupRead;
  readonly second: GroupRead;
  /** Why the group could not be deleted. */
  readonly undeleted: string | undefined;
}): Judgement {
  const { ends, first, second, undeleted } = seen;
  let skipped = 0;
  let repeated = 0;
  const faults: string[] = [];
  for (const [partition, end] of ends) {
    const [before, after] = [first, second].map(({ records }) =>
      records.filter((record) => record.partition === partition).map(({ offset }) => offset),
    );
    const all = [...(before ?? []), ...(after ?? [])];
    const distinct = new Set(all).size;
    skipped += end - distinct;
    repeated += all.length - distinct;
    const committed = first.committed.get(partition) ?? 0;
    const resumed = after?.[0];
    if (resumed !== undefined && resumed !== committed) {
      faults.push(`partition ${partition} resumed at ${resumed}, committed was ${committed}`);
    }
    const last = second.committed.get(partition) ?? committed;
    if (last !== end) faults.push(`partition ${partition} committed ${last} of ${end}`);
  }
  if (skipped > 0) faults.push(`${skipped} skipped`);
  if (repeated > 0) faults.push(`${repeated} repeated`);
  if (undeleted !== undefined) faults.push(`not deleted: ${undeleted}`);
  const turns = `${first.records.length} and ${second.records.length} records in two turns`;
  if (faults.length > 0) return judge(false, `${turns}: ${faults.join("; ")}`);
  return judge(
    ends.size > 0 && first.records.length > 0 && second.records.length > 0,
    `${turns}, resumed at the committed offsets, 0 skipped, 0 repeated`,
  );
}
