import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { SourceRecord } from "../../../src/kafka/produce/encoder.ts";
import { produceRecords, type Produced } from "../../../src/kafka/produce/produce.ts";
import { createRandom } from "../../support/random.ts";
import {
  simulateBrokers,
  topicName,
  type SimulatedBrokers,
} from "../../support/simulated-brokers.ts";

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

const partitions = 4;

/** Values `p-n`, n being the n-th of partition p, padded so that ten of them fill a batch. */
function numbered(count: number, more: (index: number) => object = () => ({})): SourceRecord[] {
  return Array.from({ length: count }, (_, index) => {
    const partition = index % partitions;
    const bytes = Buffer.from(`${partition}-${Math.floor(index / partitions)}`.padEnd(90));
    return {
      key: null,
      bytes,
      valueAt: 0,
      valueLength: bytes.length,
      headers: [],
      partition,
      line: index + 1,
      ...more(index),
    };
  });
}

async function produce(
  brokers: SimulatedBrokers,
  records: readonly SourceRecord[],
  more: Partial<Parameters<typeof produceRecords>[0]> = {},
): Promise<Produced> {
  async function* inGroups() {
    for (let at = 0; at < records.length; at += 37) yield records.slice(at, at + 37);
  }
  let done = false;
  const producing = produceRecords({
    cluster: brokers.cluster,
    topic: topicName,
    records: inGroups(),
    batchBytes: 1000,
    ...more,
  }).finally(() => (done = true));
  producing.catch(() => undefined);
  while (!done) await vi.advanceTimersByTimeAsync(20);
  return producing;
}

function valuesOf(records: readonly SourceRecord[], partition: number): string[] {
  return records.filter((one) => one.partition === partition).map(({ bytes }) => String(bytes));
}

test.each(Array.from({ length: 30 }, (_, seed) => [seed]))(
  "every record must be written once and in order through faults at random (seed %i)",
  async (seed) => {
    const random = createRandom(seed);
    const faults = { lostRequest: 8, lostAnswer: 8, movedLeader: 4, timedOut: 4 };
    const brokers = simulateBrokers({ random, partitions, faults });
    const records = numbered(600);
    const produced = await produce(brokers, records);
    expect(produced).toMatchObject({ records: 600, failed: 0, ended: undefined });
    for (let partition = 0; partition < partitions; partition++) {
      expect(brokers.valuesOf(partition)).toEqual(valuesOf(records, partition));
    }
  },
);

test("waits as long as a quota holds back answers, and reports it", async () => {
  const throttleMs = 45_000;
  const brokers = simulateBrokers({ random: createRandom(1), partitions, throttleMs });
  const records = numbered(300);
  const notes: string[] = [];
  const note = (text: string) => void notes.push(text);
  const produced = await produce(brokers, records, { note });
  expect(produced).toMatchObject({ records: 300, failed: 0, ended: undefined });
  for (let partition = 0; partition < partitions; partition++) {
    expect(brokers.valuesOf(partition)).toEqual(valuesOf(records, partition));
  }
  expect(notes[0]).toMatch(
    /^the quota of client dp limits writing: broker \d holds back its answers for 45\.0 s$/,
  );
  expect(notes.every((text) => text.startsWith("the quota of client dp"))).toBe(true);
});

test.each([1, 2, 3, 4, 5])(
  "a record that is too large must fail alone, by its line, amid faults (seed %i)",
  async (seed) => {
    const faults = { lostRequest: 8, lostAnswer: 8, movedLeader: 4 };
    const random = createRandom(seed);
    const brokers = simulateBrokers({ random, partitions, faults, maxBatchBytes: 500 });
    const large = new Set([0, 41, 42, 300, 399]);
    const bytes = Buffer.alloc(2000);
    const records = numbered(400, (index) =>
      large.has(index) ? { bytes, valueLength: bytes.length } : {},
    );
    const produced = await produce(brokers, records);
    expect(produced).toMatchObject({ records: 395, failed: 5 });
    expect(produced.failures).toEqual([
      {
        why: "MESSAGE_TOO_LARGE: larger than topic simulated takes (max.message.bytes=500)",
        next: "dp topic alter simulated --set max.message.bytes=1048576",
        records: 5,
        lines: [1, 42, 43, 301, 400],
      },
    ]);
    const good = records.filter((_, index) => !large.has(index));
    for (let partition = 0; partition < partitions; partition++) {
      expect(brokers.valuesOf(partition)).toEqual(valuesOf(good, partition));
    }
  },
);

test.each([1, 2, 3])(
  "a broker that forgets the producer must get the records under a new one (seed %i)",
  async (seed) => {
    const random = createRandom(seed);
    const brokers = simulateBrokers({ random, partitions, faults: { forgottenProducer: 10 } });
    const records = numbered(400);
    expect(await produce(brokers, records)).toMatchObject({ records: 400, failed: 0 });
    for (let partition = 0; partition < partitions; partition++) {
      expect(brokers.valuesOf(partition)).toEqual(valuesOf(records, partition));
    }
  },
);

test("records that may be there already must be told, not written a second time", async () => {
  const faults = { lostAnswer: 20, forgottenProducer: 20 };
  const brokers = simulateBrokers({ random: createRandom(7), partitions, faults });
  const records = numbered(400);
  const { records: written, failed, failures } = await produce(brokers, records);
  expect(written + failed).toBe(400);
  expect(failures[0]?.why).toContain("not known whether these were written");
  for (let partition = 0; partition < partitions; partition++) {
    const found = brokers.valuesOf(partition);
    expect(found).toEqual([...new Set(found)]);
  }
});

test("a log that was cut must be told, and the records that follow must be written", async () => {
  const brokers = simulateBrokers({ random: createRandom(1), partitions });
  const records = numbered(400);
  const notes: string[] = [];
  let cut = false;
  const produced = await produce(brokers, records, {
    note: (text) => void notes.push(text),
    progress({ records: written }) {
      if (cut || written < 100) return;
      cut = true;
      brokers.cutLog(2, 3);
    },
  });
  expect(produced).toMatchObject({ records: 400, failed: 0 });
  expect(notes).toEqual(["partition 2 of simulated has lost records that it had acknowledged"]);
  const found = brokers.valuesOf(2);
  expect(found).toEqual([...new Set(found)]);
  expect(found.at(-1)).toBe(valuesOf(records, 2).at(-1));
});

test("with acks 1 records must keep their order, though some may be there twice", async () => {
  const faults = { lostRequest: 8, lostAnswer: 8, movedLeader: 4 };
  const brokers = simulateBrokers({ random: createRandom(3), partitions, faults });
  const records = numbered(400);
  const produced = await produce(brokers, records, { acks: 1 });
  expect(produced).toMatchObject({ records: 400, failed: 0 });
  let stored = 0;
  for (let partition = 0; partition < partitions; partition++) {
    const found = brokers.valuesOf(partition);
    stored += found.length;
    expect([...new Set(found)]).toEqual(valuesOf(records, partition));
  }
  expect(stored).toBeGreaterThan(400);
  expect(produced.resent).toBeGreaterThanOrEqual(stored - 400);
});

test("a partition without a leader must be told, given up, and not keep the others from being written", async () => {
  const brokers = simulateBrokers({ random: createRandom(1), partitions });
  brokers.takeLeader(1);
  const records = numbered(400);
  const notes: string[] = [];
  const note = (text: string) => void notes.push(text);
  const produced = await produce(brokers, records, { note });
  const why = "partition 1 has no leader";
  expect(produced).toMatchObject({ records: 300, failed: 100, ended: why });
  expect(produced.failures).toMatchObject([{ why, next: "dp topic describe simulated" }]);
  expect(produced.failures[0]?.lines.slice(0, 3)).toEqual([2, 6, 10]);
  expect(notes).toEqual([
    expect.stringContaining(`can't write to partition 1 of simulated: ${why}`),
  ]);
  expect(brokers.valuesOf(2)).toEqual(valuesOf(records, 2));
});

test("records without a key must go to partitions that have a leader", async () => {
  const brokers = simulateBrokers({ random: createRandom(1), partitions });
  brokers.takeLeader(1);
  const records = numbered(300, () => ({ partition: undefined }));
  expect(await produce(brokers, records)).toMatchObject({ records: 300, failed: 0 });
  expect([0, 1, 2, 3].map((one) => brokers.valuesOf(one).length)).toEqual([100, 0, 100, 100]);
});

test("a topic that is deleted meanwhile must end it, and be told", async () => {
  const brokers = simulateBrokers({ random: createRandom(1), partitions });
  const produced = await produce(brokers, numbered(400), {
    progress: ({ records }) => void (records > 100 && brokers.deleteTopic()),
  });
  const why = "topic simulated is gone";
  expect(produced.records + produced.failed).toBeLessThanOrEqual(400);
  expect(produced).toMatchObject({ ended: why, failure: why });
  expect(produced.failures).toMatchObject([{ next: "dp topic list" }]);
});

test("an input that never ends must not keep a failure from being told", async () => {
  const brokers = simulateBrokers({ random: createRandom(1), partitions });
  async function* blocked() {
    yield numbered(4);
    brokers.takeLeader(1);
    yield numbered(4);
    await new Promise(() => {});
  }
  const produced = await produce(brokers, [], { records: blocked() });
  expect(produced).toMatchObject({ records: 6, failed: 2, ended: "partition 1 has no leader" });
});

test("an error of the input must come after the records before it were written", async () => {
  const brokers = simulateBrokers({ random: createRandom(1), partitions });
  async function* failing() {
    yield numbered(8);
    await Promise.resolve();
    throw new Error("the disk is gone");
  }
  await expect(produce(brokers, [], { records: failing() })).rejects.toThrow("the disk is gone");
  expect(brokers.valuesOf(3)).toEqual(valuesOf(numbered(8), 3));
});
