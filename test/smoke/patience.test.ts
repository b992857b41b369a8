import { expect, test, vi } from "vitest";
import { brokersCheck } from "../../src/smoke/checks/brokers.ts";
import { servicesCheck } from "../../src/smoke/checks/services.ts";
import { storesCheck } from "../../src/smoke/checks/stores.ts";
import { zookeeperCheck } from "../../src/smoke/checks/zookeeper.ts";
import type { KafkaContext, SmokeCluster, SmokeStore } from "../../src/smoke/model.ts";
import { judgeUntil } from "../../src/smoke/patience.ts";
import { findPartitions } from "../../src/smoke/round-trip.ts";

const { signal } = new AbortController();
const timeoutMs = 20_000;
const limits = { records: 10, timeoutMs, signal };
const one = { partition: 0, leader: 1 };
const broker = { id: 1, service: "kafka-1", published: "127.0.0.1:9092", state: "running" };

/** Fails at its first calls, as something that is frozen for a moment does. */
function frozenFor<T>(calls: number, result: T) {
  let left = calls;
  return vi.fn<() => Promise<T>>(async () => {
    if (left-- > 0) throw new Error("no answer");
    return result;
  });
}

test("repeats a judgement until it passes, and returns the last one when it never does", async () => {
  const passed = { verdict: "passed", evidence: "1 of 1" } as const;
  const attempt = frozenFor(2, passed);
  expect(await judgeUntil({ attempt, timeoutMs, signal })).toEqual(passed);
  expect(attempt).toHaveBeenCalledTimes(3);
  const failed = { verdict: "failed", evidence: "no leader" } as const;
  const never = judgeUntil({ attempt: async () => failed, timeoutMs: 10, signal });
  expect(await never).toEqual(failed);
});

test("looks for a topic's partitions again while no broker answers", async () => {
  const silent = [{ brokerId: 1, partitions: [], problem: "no answer" }];
  const sightingsOf = vi
    .fn<SmokeCluster["sightingsOf"]>()
    .mockResolvedValueOnce(silent)
    .mockResolvedValue([{ brokerId: 1, partitions: [one], problem: undefined }]);
  const cluster = { sightingsOf } as unknown as SmokeCluster;
  expect(await findPartitions(cluster, "t", { timeoutMs, signal })).toEqual([one]);
  sightingsOf.mockResolvedValue(silent);
  const never = findPartitions(cluster, "t", { timeoutMs: 10, signal });
  await expect(never).rejects.toThrow("no answer");
});

test("a broker or a ZooKeeper that is frozen for a moment passes its check", async () => {
  const answer = { advertised: broker.published, controllerId: 1 };
  const record = { offset: 0, partition: 0, key: null };
  const cluster = {
    brokers: [broker],
    answerOf: frozenFor(3, answer),
    sightingsOf: async () => [{ brokerId: 1, partitions: [one] }],
    produce: async () => ({ failed: 0, resent: 0 }),
    read: async () =>
      Array.from({ length: 10 }, (_, index) => ({
        ...record,
        offset: index,
        value: `brokers ${index}.0`,
      })),
    registry: frozenFor(3, { brokerIds: [1], controllerId: 1 }),
  } as unknown as SmokeCluster;
  const canaries = { topic: async () => ({ name: "t", partitions: 1, replication: 1 }) };
  const context = { ...limits, cluster, canaries } as unknown as KafkaContext;
  expect(await brokersCheck.run(context)).toMatchObject({ verdict: "passed" });
  expect(await zookeeperCheck.run(context)).toMatchObject({ verdict: "passed" });
});

test("a broker that does not run fails at once", async () => {
  const answerOf = vi.fn<() => Promise<never>>().mockRejectedValue(new Error("kafka-1 is exited"));
  const stopped = { ...broker, published: undefined, state: "exited" };
  const cluster = { brokers: [stopped], answerOf } as unknown as SmokeCluster;
  const context = { ...limits, cluster } as unknown as KafkaContext;
  const evidence = "kafka-1 is exited";
  expect(await brokersCheck.run(context)).toEqual({ verdict: "failed", evidence });
  expect(answerOf).toHaveBeenCalledTimes(1);
});

test("a store or a service is asked again, except for what no later attempt changes", async () => {
  const rows = Array.from({ length: 100 }, (_, index) => `row ${index}`);
  const store = { name: "db", state: "running", published: "127.0.0.1:5432", mayPass: () => true };
  const roundTrip = frozenFor(2, rows);
  const ask = frozenFor(2, "answers");
  const subjects = {
    kafka: undefined,
    airflow: undefined,
    stores: [{ ...store, roundTrip }] as SmokeStore[],
    services: [{ name: "api", ask, mayPass: () => true }],
  };
  const context = { ...limits, subjects, canaries: undefined };
  expect(await storesCheck.run(context)).toMatchObject({ verdict: "passed" });
  expect(await servicesCheck.run(context)).toMatchObject({ verdict: "passed" });
  const refuse = vi.fn<() => Promise<never>>().mockRejectedValue(new Error("refuses the password"));
  const refusing = { ...store, roundTrip: refuse, mayPass: () => false };
  const refused = { ...context, subjects: { ...subjects, stores: [refusing] } };
  expect(await storesCheck.run(refused)).toMatchObject({ verdict: "failed" });
  expect(refuse).toHaveBeenCalledTimes(1);
});
