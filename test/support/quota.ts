import { openCluster } from "../../src/kafka/cluster/cluster.ts";
import { produceRecords } from "../../src/kafka/produce/produce.ts";
import { rangesOf } from "../../src/kafka/read/log-ranges.ts";
import { readRecords } from "../../src/kafka/read/reader.ts";
import { createTopic } from "../../src/kafka/topics/admin.ts";
import { waitForTopics } from "../../src/kafka/topics/settled.ts";
import type { TestCluster } from "./kafka-cluster.ts";

const records = 3;

/**
 * Writes three records and reads them under a quota of 10 kB/s for dp, both ways. A broker counts the bytes of
 * a window (10 s by default), and holds back its answers until they are within the quota. Returns the notes of
 * both. The quota is kept.
 */
export async function meetQuota(at: {
  readonly running: TestCluster;
  readonly topic: string;
  /** Of all records together. */
  readonly bytes: number;
}): Promise<{ readonly writing: readonly string[]; readonly reading: readonly string[] }> {
  const { running, topic, bytes } = at;
  const cluster = openCluster({ bootstrap: running.addresses });
  try {
    await createTopic(cluster, { name: topic, partitions: 1, replication: 1, config: {} });
    await waitForTopics([{ name: topic, partitions: 1 }], { cluster, timeoutMs: 20_000 });
    await setQuota(running);
    const value = Buffer.alloc(bytes / records, "x");
    const given = Array.from({ length: records }, () => ({ key: null, value, headers: [] }));
    const [writing, reading]: [string[], string[]] = [[], []];
    const note = (text: string) => void writing.push(text);
    const options = { cluster, topic, records: given, batchBytes: 1000, note };
    const produced = await produceRecords(options);
    if (produced.records !== records) throw new Error("not all were written");
    const ranges = await rangesOf({ cluster, topics: [topic] });
    const plan = ranges.map((range) => ({ ...range, from: 0, until: range.end }));
    const noteReading = (text: string) => void reading.push(text);
    let read = 0;
    for await (const batch of readRecords({ cluster, plan, note: noteReading })) {
      read += batch.length;
    }
    if (read !== records) throw new Error(`read ${read} of ${records} records`);
    return { writing, reading };
  } finally {
    cluster.close();
  }
}

async function setQuota(running: TestCluster): Promise<void> {
  await running.exec(1, [
    "/opt/kafka/bin/kafka-configs.sh",
    "--bootstrap-server=localhost:9092",
    "--alter",
    "--entity-type=clients",
    "--entity-name=dp",
    "--add-config=producer_byte_rate=10000,consumer_byte_rate=10000",
  ]);
}
