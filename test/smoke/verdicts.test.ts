import { describe, expect, test } from "vitest";
import { judgeAcks, type LevelProof } from "../../src/smoke/checks/acks.ts";
import { judgeBrokers, type BrokerProof } from "../../src/smoke/checks/brokers.ts";
import { judgeCodecs, type CodecProof } from "../../src/smoke/checks/codecs.ts";
import { judgeOrder } from "../../src/smoke/checks/order.ts";
import { javaPlaces, judgePartitioning } from "../../src/smoke/checks/partitioning.ts";
import { judgeQuorum } from "../../src/smoke/checks/quorum.ts";
import { judgeTopics, type Sightings } from "../../src/smoke/checks/topics.ts";
import { judgeRegistry } from "../../src/smoke/checks/zookeeper.ts";
import { compareDelivery, type Delivery, type Expected } from "../../src/smoke/delivery.ts";
import type { ReadRecord, Sighting, SmokeBroker } from "../../src/smoke/model.ts";

const sent: readonly Expected[] = Array.from({ length: 9 }, (_, index) => ({
  partition: index % 3,
  value: `order ${index}`,
}));

/** As a healthy cluster gives it back: offsets count from 0 in each partition. */
function deliver(): ReadRecord[] {
  return sent.map(({ partition, value }, index) => ({
    partition,
    offset: Math.floor(index / 3),
    key: null,
    value,
  }));
}

const whole = compareDelivery(sent, deliver());
const lossy: Delivery = compareDelivery(sent, deliver().slice(1));

describe("order", () => {
  const verdictOf = (read: readonly ReadRecord[]) =>
    judgeOrder({
      delivery: compareDelivery(sent, read),
      partitions: 3,
      failed: 0,
      failure: undefined,
    });

  test("records that all came once and in order must pass", () => {
    expect(verdictOf(deliver())).toEqual({
      verdict: "passed",
      evidence: "9 records on 3 partitions, in order, 0 lost, 0 doubled",
    });
  });

  test.each<[fault: string, plant: (read: ReadRecord[]) => ReadRecord[], evidence: string]>([
    ["a lost record", (read) => read.slice(0, -1), "1 lost"],
    [
      "a doubled record",
      (read) => [...read, { partition: 0, offset: 3, key: null, value: "order 0" }],
      "1 doubled",
    ],
    [
      "two swapped records",
      (read) => read.map((one) => (one.partition === 1 ? { ...one, offset: 2 - one.offset } : one)),
      "2 out of order",
    ],
    [
      "a record on a wrong partition",
      (read) => read.map((one) => (one.value === "order 4" ? { ...one, partition: 2 } : one)),
      "1 on a wrong partition",
    ],
    [
      "a record that nobody wrote",
      (read) => [...read, { partition: 0, offset: 3, key: null, value: "order 99" }],
      "1 that nobody wrote",
    ],
    ["nothing at all", () => [], "9 lost"],
  ])("%s must fail", (_, plant, evidence) => {
    const { verdict, evidence: told } = verdictOf(plant(deliver()));
    expect(verdict).toBe("failed");
    expect(told).toBe(`9 records on 3 partitions: ${evidence}`);
  });

  test("records that the broker refused must fail", () => {
    const seen = { delivery: whole, partitions: 3, failed: 2, failure: "NOT_ENOUGH_REPLICAS" };
    expect(judgeOrder(seen).verdict).toBe("failed");
  });
});

describe("brokers", () => {
  const brokerOf = (id: number, more: Partial<SmokeBroker> = {}): SmokeBroker => ({
    id,
    service: `kafka-${id}`,
    published: `127.0.0.1:900${id}`,
    state: "running",
    ...more,
  });
  const proofOf = (id: number, more: Partial<BrokerProof> = {}): BrokerProof => ({
    broker: brokerOf(id),
    answer: { advertised: `127.0.0.1:900${id}`, controllerId: 1 },
    trip: { records: 10, problem: undefined },
    ...more,
  });

  test("brokers that return what they took must pass", () => {
    expect(judgeBrokers([1, 2, 3].map((id) => proofOf(id)))).toEqual({
      verdict: "passed",
      evidence:
        "3 of 3 brokers took and returned 10 records each: 127.0.0.1:9001, 127.0.0.1:9002, 127.0.0.1:9003",
    });
  });

  test.each<[fault: string, proof: BrokerProof, evidence: string]>([
    [
      "a broker that does not run",
      proofOf(2, {
        broker: brokerOf(2, { published: undefined, state: "exited" }),
        answer: "kafka-2 is exited",
        trip: undefined,
      }),
      "kafka-2 is exited",
    ],
    [
      "a broker that does not answer",
      proofOf(2, { answer: "no answer", trip: undefined }),
      "kafka-2 on 127.0.0.1:9002: no answer",
    ],
    [
      "a broker that advertises another address",
      proofOf(2, { answer: { advertised: "kafka-2:9092", controllerId: 1 } }),
      "kafka-2 on 127.0.0.1:9002 advertises kafka-2:9092",
    ],
    [
      "a broker that leads nothing",
      proofOf(2, { trip: "leads no partition" }),
      "kafka-2 on 127.0.0.1:9002: leads no partition",
    ],
    [
      "a broker that returns less than it took",
      proofOf(2, { trip: { records: 10, problem: "9 of 10 came back, 1 lost" } }),
      "kafka-2 on 127.0.0.1:9002: 9 of 10 came back, 1 lost",
    ],
  ])("%s must fail, and be named", (_, proof, evidence) => {
    expect(judgeBrokers([proofOf(1), proof, proofOf(3)])).toEqual({ verdict: "failed", evidence });
  });

  test("no broker at all must fail", () => {
    expect(judgeBrokers([]).verdict).toBe("failed");
  });
});

describe("acks", () => {
  const levels: LevelProof[] = ([0, 1, "all"] as const).map((acks) => ({
    acks,
    resent: 0,
    delivery: whole,
    failure: undefined,
  }));

  test("three levels that deliver must pass", () => {
    expect(judgeAcks(levels)).toEqual({
      verdict: "passed",
      evidence: "acks 0: 9 of 9, 1: 9 of 9, all: 9 of 9",
    });
  });

  test("reports what acks 0 loses, and passes: Kafka promises nothing there", () => {
    const planted = levels.map((one) => (one.acks === 0 ? { ...one, delivery: lossy } : one));
    expect(judgeAcks(planted)).toEqual({
      verdict: "passed",
      evidence: "acks 0: 8 of 9, 1: 9 of 9, all: 9 of 9; acks 0 lost 1, which Kafka allows",
    });
    const doubled = { ...lossy, doubled: 1 };
    const twice = levels.map((one) => (one.acks === 0 ? { ...one, delivery: doubled } : one));
    expect(judgeAcks(twice).verdict).toBe("failed");
  });

  test("passes duplicates of records that were sent again after a lost answer, and no more", () => {
    const doubled = { ...whole, doubled: 1 };
    const withResent = (resent: number): LevelProof[] =>
      levels.map((one) => (one.acks === 1 ? { ...one, delivery: doubled, resent } : one));
    expect(judgeAcks(withResent(3))).toEqual({
      verdict: "passed",
      evidence:
        "acks 0: 9 of 9, 1: 9 of 9, all: 9 of 9; acks 1 stored 1 twice after a lost answer, which Kafka allows",
    });
    expect(judgeAcks(withResent(0))).toMatchObject({ verdict: "failed" });
  });

  test.each([1, "all"] as const)("a record that acks %s drops must fail", (acks) => {
    const planted = levels.map((one) => (one.acks === acks ? { ...one, delivery: lossy } : one));
    const evidence = `acks ${acks}: of 9 records 1 lost`;
    expect(judgeAcks(planted)).toEqual({ verdict: "failed", evidence });
  });

  test("a level that is missing or refused must fail", () => {
    expect(judgeAcks(levels.slice(1)).verdict).toBe("failed");
    const refused = levels.map((one) => ({ ...one, failure: "NOT_ENOUGH_REPLICAS" }));
    expect(judgeAcks(refused).verdict).toBe("failed");
  });
});

describe("codecs", () => {
  const none: CodecProof = {
    codec: "none",
    stored: { codec: "none", bytes: 900 },
    delivery: whole,
    failure: undefined,
  };
  const gzip: CodecProof = { ...none, codec: "gzip", stored: { codec: "gzip", bytes: 90 } };

  test("batches stored as asked must pass", () => {
    expect(judgeCodecs([none, gzip])).toEqual({
      verdict: "passed",
      evidence: "100 records each, stored as asked: none 900 B, gzip 90 B",
    });
  });

  test.each<[fault: string, proof: CodecProof, evidence: string]>([
    [
      "a gzip batch that is stored plain",
      { ...gzip, stored: { codec: "none", bytes: 900 } },
      "gzip: stored as none",
    ],
    [
      "a gzip batch that is not smaller",
      { ...gzip, stored: { codec: "gzip", bytes: 900 } },
      "gzip: 900 B stored, not less than 900 B plain",
    ],
    [
      "a batch that is not in the log",
      { ...gzip, stored: undefined },
      "gzip: not found in the log",
    ],
    ["a record that gzip loses", { ...gzip, delivery: lossy }, "gzip: of 9 1 lost"],
    ["a refused batch", { ...gzip, failure: "no" }, "gzip: refused: no"],
  ])("%s must fail", (_, proof, evidence) => {
    expect(judgeCodecs([none, proof])).toEqual({ verdict: "failed", evidence });
  });

  test("a codec that was not tried must fail", () => {
    expect(judgeCodecs([none]).verdict).toBe("failed");
  });
});

describe("partitioning", () => {
  const expected = javaPlaces(3);
  const read: ReadRecord[] = [0, 1].flatMap((round) =>
    expected.map(({ key, partition }, index) => ({
      key,
      partition,
      offset: round * 6 + index,
      value: `keys ${round}`,
    })),
  );

  test("keys where Java puts them must pass", () => {
    // Math.floorMod of Utils.toPositive(murmur2("foobar")), as in Java: 1357151166 % 3.
    expect(expected.find(({ key }) => key === "foobar")?.partition).toBe(0);
    expect(judgePartitioning({ expected, read, partitions: 3 })).toEqual({
      verdict: "passed",
      evidence: "6 keys, 2 times each on 3 partitions, where Java's murmur2 puts them",
    });
  });

  test("a key that moves must fail", () => {
    const moved = read.map((record, index) =>
      index === 7 ? { ...record, partition: (record.partition + 1) % 3 } : record,
    );
    const { verdict, evidence } = judgePartitioning({ expected, read: moved, partitions: 3 });
    expect(verdict).toBe("failed");
    expect(evidence).toMatch(/^key "foobar" on partition 1, Java's is 0$/);
  });

  test("a key that came once only must fail", () => {
    const { verdict, evidence } = judgePartitioning({
      expected,
      read: read.slice(1),
      partitions: 3,
    });
    expect({ verdict, evidence }).toEqual({
      verdict: "failed",
      evidence: 'key "21" came 1 times of 2',
    });
  });
});

describe("topics", () => {
  const having: Sighting = {
    brokerId: 1,
    partitions: [
      { partition: 0, leader: 1 },
      { partition: 1, leader: 2 },
    ],
    problem: undefined,
  };
  const bare: Sighting = { brokerId: 1, partitions: [], problem: undefined };
  const onAll = (one: Sighting): Sighting[] => [1, 2, 3].map((brokerId) => ({ ...one, brokerId }));
  const seen = (brokers: readonly Sighting[]): Sightings => ({ brokers, afterMs: 12 });
  const verdictOf = (created: readonly Sighting[], deleted: readonly Sighting[]) =>
    judgeTopics({ created: seen(created), deleted: seen(deleted), partitions: 2 });

  test("a topic that came and went everywhere must pass", () => {
    expect(verdictOf(onAll(having), onAll(bare))).toEqual({
      verdict: "passed",
      evidence: "seen by 3 of 3 brokers after 12 ms, gone from all after 12 ms",
    });
  });

  test.each<[fault: string, created: Sighting[], deleted: Sighting[], evidence: string]>([
    [
      "a broker that never saw it",
      [...onAll(having).slice(0, 2), { ...bare, brokerId: 3 }],
      onAll(bare),
      "created, but broker 3 has 0 of 2 partitions",
    ],
    [
      "a partition without a leader on one broker",
      [
        ...onAll(having).slice(0, 2),
        {
          ...having,
          brokerId: 3,
          partitions: [...having.partitions.slice(0, 1), { partition: 1, leader: -1 }],
        },
      ],
      onAll(bare),
      "created, but broker 3 knows no leader of partition 1",
    ],
    [
      "a broker that still has it",
      onAll(having),
      [...onAll(bare).slice(0, 2), { ...having, brokerId: 3 }],
      "deleted, but broker 3 still has it",
    ],
    [
      "a broker that does not say",
      onAll(having),
      [...onAll(bare).slice(0, 2), { ...bare, brokerId: 3, problem: "no answer" }],
      "deleted, but broker 3: no answer",
    ],
    [
      "a broker that was not asked again",
      onAll(having),
      onAll(bare).slice(0, 2),
      "3 brokers were asked before, 2 after",
    ],
  ])("%s must fail", (_, created, deleted, evidence) => {
    expect(verdictOf(created, deleted)).toEqual({ verdict: "failed", evidence });
  });

  test("no broker to ask must fail", () => {
    expect(verdictOf([], []).verdict).toBe("failed");
  });
});

describe("zookeeper", () => {
  const healthy = {
    live: [1, 2, 3],
    registry: { brokerIds: [1, 2, 3], controllerId: 2 },
    named: [2, 2, 2],
  };

  test("exactly the live brokers and one controller must pass", () => {
    expect(judgeRegistry(healthy)).toEqual({
      verdict: "passed",
      evidence: "brokers 1, 2, 3 of 1, 2, 3 listed, controller 2",
    });
  });

  test.each<
    [fault: string, planted: Partial<Parameters<typeof judgeRegistry>[0]>, evidence: string]
  >([
    [
      "a live broker that is not listed",
      { registry: { brokerIds: [1, 2], controllerId: 2 } },
      "broker 3 runs but is not listed",
    ],
    ["a listed broker that does not run", { live: [1, 2] }, "broker 3 is listed but does not run"],
    [
      "no controller",
      { registry: { brokerIds: [1, 2, 3], controllerId: undefined }, named: [] },
      "no controller",
    ],
    [
      "a controller that is no broker",
      { registry: { brokerIds: [1, 2, 3], controllerId: 7 }, named: [7, 7, 7] },
      "controller 7 is no live broker",
    ],
    [
      "a broker that names another controller",
      { named: [2, 3, 2] },
      "ZooKeeper's controller is 2, brokers name 3",
    ],
  ])("%s must fail", (_, planted, evidence) => {
    expect(judgeRegistry({ ...healthy, ...planted })).toEqual({ verdict: "failed", evidence });
  });
});

describe("quorum", () => {
  const healthy = { nodes: [1, 2, 3], live: [1, 2, 3], quorum: { leaderId: 2, voters: [1, 2, 3] } };

  test("a leader and all voters must pass", () => {
    expect(judgeQuorum(healthy)).toEqual({
      verdict: "passed",
      evidence: "leader 2, voters 1, 2, 3 of 1, 2, 3",
    });
  });

  test.each<[fault: string, planted: Partial<typeof healthy>, evidence: string]>([
    ["no leader", { quorum: { leaderId: -1, voters: [1, 2, 3] } }, "no leader"],
    [
      "a voter from elsewhere",
      { quorum: { leaderId: 2, voters: [1, 2, 4] } },
      "voter 4 does not run",
    ],
    ["a voter that does not run", { live: [1, 2] }, "voter 3 does not run"],
    [
      "a leader without a vote",
      { quorum: { leaderId: 9, voters: [1, 2, 3] } },
      "leader 9 is no voter",
    ],
  ])("%s must fail", (_, planted, evidence) => {
    expect(judgeQuorum({ ...healthy, ...planted })).toEqual({ verdict: "failed", evidence });
  });
});
