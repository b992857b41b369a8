import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { findTopicLogs, type OfflinePartitions } from "../../../src/kafka/topics/topic-logs.ts";
import { ConnectionError } from "../../../src/kafka/connection/connection-error.ts";
import type { TopicMetadata } from "../../../src/kafka/protocol/read-requests.ts";
import { scriptCluster, topicLedBy, type AskedRequest } from "../../support/scripted-cluster.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const silent = new ConnectionError("no-answer", "b:2 did not answer within 3000 ms");

/** What a broker that leads partition `broker - 1` reports; `errorCode` of its offsets. */
function report({ broker, name }: AskedRequest, errorCode = 0): unknown {
  const partition = { topic: "orders", partition: broker - 1 };
  if (name === "DescribeLogDirs") return [{ ...partition, bytes: 100 }];
  return [{ ...partition, errorCode, offset: 7 }];
}

interface Script {
  readonly answer?: (asked: AskedRequest) => unknown;
  readonly topic?: () => TopicMetadata;
  readonly offline?: OfflinePartitions;
}

/** The ends of both partitions, the size of the second one, and the time that it took to find them. */
async function find({ answer = report, topic, offline = "report" }: Script) {
  const topics = () => [topic?.() ?? topicLedBy("orders", [1, 2])];
  const { cluster } = scriptCluster({ brokers: [1, 2], topics, answer });
  const startedAt = performance.now();
  const finding = findTopicLogs(cluster, ["orders"], offline).then((logs) => {
    const [first, second] = [0, 1].map((partition) => logs.find({ topic: "orders", partition }));
    const ms = performance.now() - startedAt;
    return { ends: [first?.end, second?.end], bytes: second?.bytes, ms };
  });
  finding.catch(() => undefined);
  await vi.advanceTimersByTimeAsync(60_000);
  return finding;
}

test("reports the offsets and the size of each partition at once", async () => {
  expect(await find({})).toEqual({ ends: [7, 7], bytes: 100, ms: 0 });
});

test.each(["ListOffsets", "DescribeLogDirs"])(
  "asks a leader again that does not respond to %s for 25 s",
  async (request) => {
    const endsAt = performance.now() + 25_000;
    const answer = (asked: AskedRequest): unknown => {
      const isSilent = asked.name === request && asked.broker === 2;
      if (isSilent && performance.now() < endsAt) throw silent;
      return report(asked);
    };
    expect(await find({ answer })).toMatchObject({ ends: [7, 7], bytes: 100 });
  },
);

test("looks for a leader that moves", async () => {
  const answer = (asked: AskedRequest): unknown => report(asked, asked.turn < 100 ? 6 : 0);
  const found = await find({ answer });
  expect(found.ends).toEqual([7, 7]);
  expect(found.ms).toBeGreaterThan(1000);
});

test("leaves out what a leader that stays silent for 30 s does not report", async () => {
  const answer = (asked: AskedRequest): unknown => {
    if (asked.broker === 2) throw silent;
    return report(asked);
  };
  expect(await find({ answer })).toEqual({ ends: [7, undefined], bytes: undefined, ms: 30_000 });
});

test("does not ask again after a missing right", async () => {
  const answer = (asked: AskedRequest): unknown => report(asked, asked.broker === 2 ? 29 : 0);
  expect(await find({ answer })).toMatchObject({ ends: [7, undefined], ms: 0 });
});

/** Partition 1 has no leader, and its only replica is on `replica`. */
function leaderless(replica: number): TopicMetadata {
  const topic = topicLedBy("orders", [1, replica]);
  return {
    ...topic,
    partitions: topic.partitions.map((one) => ({ ...one, leader: one.partition === 1 ? -1 : 1 })),
  };
}

test("reports a partition as offline at once when none of its replicas runs", async () => {
  expect(await find({ topic: () => leaderless(3) })).toMatchObject({
    ends: [7, undefined],
    ms: 0,
  });
});

test("waits for the leader of a partition while one of its replicas runs", async () => {
  const electedAt = performance.now() + 20_000;
  const topic = () =>
    performance.now() < electedAt ? leaderless(2) : topicLedBy("orders", [1, 2]);
  const found = await find({ topic });
  expect(found).toMatchObject({ ends: [7, 7] });
  expect(found.ms).toBeGreaterThanOrEqual(20_000);
});

test("keeps the cluster's patience for offline partitions that are awaited", async () => {
  const { ms } = await find({ topic: () => leaderless(3), offline: "await" });
  expect(ms).toBeGreaterThan(1500);
  expect(ms).toBeLessThan(2000);
});
