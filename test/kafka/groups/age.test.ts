import { expect, test } from "vitest";
import { oldestUnread } from "../../../src/kafka/groups/age.ts";
import { encodeBatch, loadPacking } from "../../../src/kafka/produce/encoder.ts";
import { scriptCluster, topicLedBy, type AskedRequest } from "../../support/scripted-cluster.ts";

const at = { topic: "orders", partition: 0 };
const lag = { ...at, leader: 1, logStart: 0, end: 1, committed: undefined, lag: 1 };
const writtenAt = 1_790_000_000_000;
const packing = await loadPacking("none");
const batch = encodeBatch([{ key: null, value: Buffer.from("v"), headers: [] }], {
  packing,
  now: writtenAt,
});

/** Broker 2 leads the partition by now; `fetched` gives the answers to Fetch. */
function clusterOf(fetched: (asked: AskedRequest) => object) {
  return scriptCluster({
    topics: () => [topicLedBy("orders", [2])],
    answer: (asked) => {
      if (asked.name === "ListOffsets") return [{ ...at, errorCode: 0, offset: 0 }];
      return [{ ...at, end: 1, aborted: [], preferredReplica: -1, logStart: 0, ...fetched(asked) }];
    },
  });
}

const nothing = Buffer.alloc(0);

test("asks the new leader for the oldest unread record", async () => {
  const { cluster } = clusterOf(({ broker }) =>
    broker === 2 ? { errorCode: 0, records: batch } : { errorCode: 6, records: nothing },
  );
  expect(await oldestUnread(cluster, [lag])).toEqual([writtenAt]);
});

test("asks again while the new leader has not begun", async () => {
  const { cluster } = clusterOf(({ turn }) =>
    turn < 4 ? { errorCode: 6, records: nothing } : { errorCode: 0, records: batch },
  );
  expect(await oldestUnread(cluster, [lag])).toEqual([writtenAt]);
});

test("gives the reason why the oldest unread record can't be read", async () => {
  const { cluster } = clusterOf(() => ({ errorCode: 29, records: nothing }));
  expect(await oldestUnread(cluster, [lag])).toEqual([
    { reason: "Fetch: TOPIC_AUTHORIZATION_FAILED: not allowed on this topic" },
  ]);
});

test("gives no time where nothing is unread", async () => {
  const { cluster, asked } = clusterOf(() => ({ errorCode: 0, records: nothing }));
  expect(await oldestUnread(cluster, [{ ...lag, lag: 0 }])).toEqual([undefined]);
  expect(asked).toEqual([]);
});
