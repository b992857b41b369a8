import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTopic } from "../../src/kafka/topics/admin.ts";
import { openCluster, type Cluster } from "../../src/kafka/cluster/cluster.ts";
import type { Compression } from "../../src/kafka/records/codecs.ts";
import { rangesOf } from "../../src/kafka/read/log-ranges.ts";
import { produceRecords } from "../../src/kafka/produce/produce.ts";
import { readRecords } from "../../src/kafka/read/reader.ts";
import type { NewRecord } from "../../src/kafka/records/record.ts";
import { waitForTopics } from "../../src/kafka/topics/settled.ts";
import { readStoredBatch } from "../../src/kafka/read/stored-batch.ts";
import type { StoredRecord } from "../../src/kafka/records/stored-record.ts";
import type { ClusterAccess } from "../support/kafka-cluster.ts";
import { readTopic, records, valueOf } from "../support/kafka-records.ts";
import { sharedCluster } from "../support/shared-clusters.ts";
import { uniqueName } from "../support/unique-name.ts";

/** What dp packs a batch with, and what the broker unpacks it for and packs it with again. */
const repacked: readonly (readonly [Compression, Compression])[] = [
  ["gzip", "snappy"],
  ["snappy", "lz4"],
  ["lz4", "zstd"],
  ["zstd", "gzip"],
];

describe.each(["zookeeper", "kraft"] as const)("reading from a broker with %s", (mode) => {
  let running: ClusterAccess;
  let cluster: Cluster;

  beforeAll(async () => {
    running = await sharedCluster(mode);
    cluster = openCluster({ bootstrap: running.addresses });
  });

  afterAll(() => cluster?.close());

  async function newTopic(partitions: number, config: Record<string, string> = {}) {
    const name = uniqueName("topic");
    await createTopic(cluster, { name, partitions, replication: 1, config });
    await waitForTopics([{ name, partitions }], { cluster, timeoutMs: 20_000 });
    return name;
  }

  test.concurrent.each(repacked)(
    "what dp packs with %s and Java packs again with %s must be read by dp and by kcat",
    async (own, java) => {
      const topic = await newTopic(1, { "compression.type": java });
      // More than a block of snappy or LZ4, and what does not pack well.
      const long = Array.from({ length: 9000 }, (_, index) => (index * index).toString(36)).join();
      const sent = [...records(200), { ...record(long), key: Buffer.from("k") }, record("last")];
      await produceRecords({ cluster, topic, records: sent, compression: own });
      const at = { topic, partition: 0, offset: 0 };
      expect(await readStoredBatch(cluster, at)).toMatchObject({ codec: java });
      const values = sent.map(({ value }) => value?.toString());
      expect((await readTopic(cluster, topic)).map(valueOf)).toEqual(values);
      expect(await kcatValues(topic)).toEqual(values);
    },
  );

  test.concurrent.each(repacked)(
    "what dp and kcat write with %s must be read by both",
    async (codec) => {
      const topic = await newTopic(1);
      await produceRecords({ cluster, topic, records: records(50), compression: codec });
      // So long that each batch gets shorter: kcat leaves others as they are.
      const input = Array.from({ length: 50 }, (_, index) => `kcat ${index} `.repeat(20));
      await execa("kcat", ["-P", "-q", "-b", running.bootstrap, "-t", topic, "-z", codec], {
        input: input.join("\n"),
      });
      const expected = [...records(50).map(({ value }) => value?.toString()), ...input];
      const read = await readTopic(cluster, topic);
      expect(read.map(valueOf)).toEqual(expected);
      expect(await kcatValues(topic)).toEqual(expected);
      for (const offset of [0, 50]) {
        const stored = await readStoredBatch(cluster, { topic, partition: 0, offset });
        expect(stored.codec).toBe(codec);
      }
    },
  );

  async function kcatValues(topic: string): Promise<string[]> {
    const options = ["-C", "-q", "-e", "-o", "beginning", "-b", running.bootstrap, "-t", topic];
    const { stdout } = await execa("kcat", options);
    return stdout.split("\n");
  }

  test.concurrent("records larger than what is asked for at once must be read, of many partitions", async () => {
    const topic = await newTopic(40, { "max.message.bytes": "9000000" });
    const sent = Array.from({ length: 40 }, (_, partition) => ({
      ...record(partition % 16 === 7 ? "large ".repeat(500_000) : `small ${partition}`),
      partition,
    }));
    await produceRecords({ cluster, topic, records: sent, batchBytes: 1 });
    const read = await readTopic(cluster, topic);
    const byPartition = read.toSorted((a, b) => a.partition - b.partition);
    expect(byPartition.map(({ value }) => value?.length)).toEqual(
      sent.map(({ value }) => value?.length),
    );
  });

  test.concurrent("a batch damaged on the broker's disk must be told when checksums are checked", async () => {
    const topic = await newTopic(1);
    for (const value of ["before", "damaged", "after"]) {
      await produceRecords({ cluster, topic, records: [record(value)] });
    }
    const log = `/var/lib/kafka/data/${topic}-0/00000000000000000000.log`;
    const damage = `at=$(grep -abo damaged ${log} | cut -d: -f1) && printf X | dd of=${log} bs=1 seek=$at conv=notrunc`;
    const [plan] = await rangesOf({ cluster, topics: [topic] });
    await running.exec(plan?.leader ?? 0, ["sh", "-c", damage]);
    expect((await readTopic(cluster, topic)).map(valueOf)).toEqual(["before", "Xamaged", "after"]);
    const found: StoredRecord[] = [];
    const plans = plan === undefined ? [] : [{ ...plan, from: 0, until: plan.end }];
    for await (const batch of readRecords({ cluster, plan: plans, checkCrcs: true })) {
      found.push(...batch);
    }
    expect(found.map(valueOf)).toEqual(["before", undefined, "after"]);
    expect(found[1]?.problem).toMatch(/offset 1: its checksum is \w{8}, it says \w{8}/);
  });
});

function record(value: string): NewRecord {
  return { key: null, value: Buffer.from(value), headers: [] };
}
