import type { Cluster } from "../../src/kafka/cluster/cluster.ts";
import { rangesOf, startsOf } from "../../src/kafka/read/log-ranges.ts";
import type { Start } from "../../src/kafka/read/offsets.ts";
import { readRecords } from "../../src/kafka/read/reader.ts";
import type { NewRecord } from "../../src/kafka/records/record.ts";
import type { StoredRecord } from "../../src/kafka/records/stored-record.ts";

/** Records `v0`, `v1`… without a key. */
export function records(count: number, more: Partial<NewRecord> = {}): NewRecord[] {
  return Array.from({ length: count }, (_, index) => ({
    key: null,
    value: Buffer.from(`v${index}`),
    headers: [],
    ...more,
  }));
}

/** All records of a topic as it is now. */
export async function readTopic(
  cluster: Cluster,
  topic: string,
  start: Start = { kind: "start" },
): Promise<StoredRecord[]> {
  const ranges = await rangesOf({ cluster, topics: [topic] });
  const starts = await startsOf(cluster, ranges, start);
  const plan = ranges.map((range, index) => ({
    ...range,
    from: starts[index] ?? 0,
    until: range.end,
  }));
  const found: StoredRecord[] = [];
  for await (const batch of readRecords({ cluster, plan })) found.push(...batch);
  return found;
}

export const valueOf = (record: StoredRecord) => record.value?.toString();
