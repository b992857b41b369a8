import { execa } from "execa";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createTopic } from "../../src/kafka/topics/admin.ts";
import { behind } from "../../src/kafka/topics/in-sync.ts";
import { compressions } from "../../src/kafka/records/codecs.ts";
import { openCluster, type Cluster } from "../../src/kafka/cluster/cluster.ts";
import { sourceRecord, type SourceRecord } from "../../src/kafka/produce/encoder.ts";
import { produceRecords } from "../../src/kafka/produce/produce.ts";
import type { NewRecord } from "../../src/kafka/records/record.ts";
import { waitForTopics } from "../../src/kafka/topics/settled.ts";
import { startCluster, type TestCluster } from "../support/kafka-cluster.ts";
import { readTopic, valueOf } from "../support/kafka-records.ts";
import { until } from "../support/until.ts";

let running: TestCluster;
let cluster: Cluster;
const partitions = 3;

beforeAll(async () => {
  const config = ["broker.session.timeout.ms=2000", "broker.heartbeat.interval.ms=300"];
  running = await startCluster({ brokers: 3, mode: "kraft", config });
  cluster = openCluster({ bootstrap: running.addresses });
});

afterAll(async () => {
  cluster?.close();
  await running?.[Symbol.asyncDispose]();
});

let topics = 0;

async function newTopic(count: number, config: Record<string, string> = {}): Promise<string> {
  const name = `topic-${++topics}`;
  await createTopic(cluster, { name, partitions: count, replication: 3, config });
  await waitForTopics([{ name, partitions: count }], { cluster, timeoutMs: 20_000 });
  return name;
}

const valued = (value: string, more: Partial<NewRecord> = {}): NewRecord => ({
  key: null,
  value: Buffer.from(value),
  headers: [],
  ...more,
});

test("kcat and Java must read what dp writes, whatever the codec", async () => {
  const topic = await newTopic(1);
  const values = compressions.flatMap((codec) =>
    Array.from({ length: 300 }, (_, index) => `${codec} ${index} ${index * 7919} ${codec}`),
  );
  for (const compression of compressions) {
    const records = values
      .filter((value) => value.startsWith(compression))
      .map((one) => valued(one));
    const produced = await produceRecords({ cluster, topic, records, compression });
    expect(produced).toMatchObject({ records: 300, failed: 0 });
  }
  const kcat = await execa("kcat", ["-b", running.bootstrap, "-C", "-t", topic, "-e", "-q"]);
  expect(kcat.stdout.split("\n")).toEqual(values);
  const java = await running.exec(1, [
    "/opt/kafka/bin/kafka-console-consumer.sh",
    "--bootstrap-server=127.0.0.1:9092",
    `--topic=${topic}`,
    "--from-beginning",
    `--max-messages=${values.length}`,
  ]);
  expect(java.split("\n")).toEqual(values);
});

test("records that a broker refuses for themselves must fail alone, by their lines", async () => {
  const topic = await newTopic(1, {
    "cleanup.policy": "compact",
    "message.timestamp.after.max.ms": "3600000",
  });
  const key = Buffer.from("k");
  const later = Date.now() + 7_200_000;
  async function* records() {
    const lines = [
      valued("a", { key }),
      valued("no key"),
      valued("b", { key }),
      valued("late", { key, timestamp: later }),
      valued("c", { key }),
      valued("no key"),
    ];
    yield lines.map((record, index) => ({ ...sourceRecord(record), line: index + 1 }));
  }
  const produced = await produceRecords({ cluster, topic, records: records() });
  expect(produced).toMatchObject({ records: 3, failed: 3, ended: undefined });
  const named = produced.failures.map(({ why, lines }) => ({ why, lines }));
  expect(named).toEqual([
    { why: expect.stringContaining("without key"), lines: [2, 6] },
    {
      why: expect.stringContaining(`its time, ${new Date(later).toISOString()}, is after 2`),
      lines: [4],
    },
  ]);
  expect((await readTopic(cluster, topic)).map(valueOf)).toEqual(["a", "b", "c"]);
});

interface Producing {
  /** Of each partition, in the order in which they were handed over. */
  readonly given: readonly string[][];
  /** How many the brokers have taken. */
  written(): number;
  /** Ends the input; what was written. */
  end(): ReturnType<typeof produceRecords>;
}

/** Hands over records to all partitions again and again, in small groups, until it is ended. */
function startProducing(topic: string): Producing {
  const given: string[][] = Array.from({ length: partitions }, () => []);
  let ended = false;
  let written = 0;
  async function* records(): AsyncGenerator<readonly SourceRecord[], void, void> {
    for (let turn = 0; !ended; turn++) {
      yield Array.from({ length: 60 }, (_, index) => {
        const partition = index % partitions;
        const own = given[partition] ?? [];
        const value = `${partition}/${own.length}`;
        own.push(value);
        return {
          ...sourceRecord({ key: null, value: Buffer.from(value), headers: [] }),
          partition,
        };
      });
      await new Promise((resolve) => setTimeout(resolve, 4));
    }
  }
  // Small batches, so that five are under way.
  const batchBytes = 300;
  const progress = (counts: { readonly records: number }) => (written = counts.records);
  const producing = produceRecords({ cluster, topic, records: records(), batchBytes, progress });
  return {
    given,
    written: () => written,
    end() {
      ended = true;
      return producing;
    },
  };
}

async function leaderOf(topic: string, partition: number): Promise<number> {
  const metadata = await cluster.metadata([topic]).catch(() => undefined);
  const found = metadata?.topics[0]?.partitions.find((one) => one.partition === partition);
  return found?.leader ?? -1;
}

test("records must be written once and in order while one leader freezes and the next is killed", async () => {
  const topic = await newTopic(partitions, { "min.insync.replicas": "2" });
  const producing = startProducing(topic);
  const untilMore = async (): Promise<void> => {
    const before = producing.written();
    await until(async () => producing.written() > before + 900, 40_000);
  };
  const untilMoved = (from: number): Promise<void> =>
    until(async () => ![from, -1].includes(await leaderOf(topic, 0)), 40_000);
  await untilMore();
  const frozen = await leaderOf(topic, 0);
  await running.pause(frozen);
  await untilMoved(frozen);
  await untilMore();
  await running.unpause(frozen);
  await until(async () => behind((await cluster.metadata([topic])).topics) === undefined, 40_000);
  const killed = await leaderOf(topic, 0);
  await running.kill(killed);
  await untilMoved(killed);
  await untilMore();

  const produced = await producing.end();
  const total = producing.given.reduce((sum, { length }) => sum + length, 0);
  expect(produced).toMatchObject({ records: total, failed: 0, ended: undefined });
  const found = await readTopic(cluster, topic);
  for (let partition = 0; partition < partitions; partition++) {
    const own = found.filter((record) => record.partition === partition);
    expect(own.map(valueOf)).toEqual(producing.given[partition]);
  }
});
