import { expect, test } from "vitest";
import { waitForTopics } from "../../../src/kafka/topics/settled.ts";
import { scriptCluster, topicLedBy } from "../../support/scripted-cluster.ts";

const topics = [topicLedBy("orders", [1, 2])];
const wanted = [{ name: "orders", partitions: 2 }];

/** Broker 2 refuses the first requests for offsets: it has not become the leader yet. */
function clusterWithLateLeader(refusals: number) {
  return scriptCluster({
    brokers: [1, 2],
    topics: () => topics,
    answer: ({ name, broker, turn }) => {
      if (name === "Metadata") return { topics };
      const errorCode = broker === 2 && turn < refusals ? 6 : 0;
      return [{ topic: "orders", partition: broker - 1, errorCode, offset: 0 }];
    },
  });
}

test("waits until each leader serves its partitions", async () => {
  const { cluster, asked } = clusterWithLateLeader(6);
  await waitForTopics(wanted, { cluster, timeoutMs: 5000 });
  const last = asked.findLast(({ name, broker }) => name === "ListOffsets" && broker === 2);
  expect(last?.turn).toBeGreaterThanOrEqual(6);
});

test("reports the broker that is not the leader yet", async () => {
  const { cluster } = clusterWithLateLeader(Infinity);
  await expect(waitForTopics(wanted, { cluster, timeoutMs: 50 })).rejects.toMatchObject({
    code: "not-ready",
    evidence: ["broker 2: orders partition 1: it is not the leader yet"],
  });
});

test("asks no leader of partitions that are not waited for", async () => {
  const { cluster, asked } = clusterWithLateLeader(Infinity);
  await waitForTopics([{ ...wanted[0]!, from: 2 }], { cluster, timeoutMs: 5000 });
  expect(asked.filter(({ name }) => name === "ListOffsets")).toEqual([]);
});
