import { expect, test } from "vitest";
import { documentOf, renderTopic } from "../../../../src/commands/topic/describe/described.ts";
import type {
  DescribedPartition,
  DescribedTopic,
} from "../../../../src/kafka/topics/describe-topics.ts";
import { plainStyle } from "../../../../src/report/style.ts";

const view = { style: plainStyle, columns: undefined };

function topicOf(
  partitions: readonly Partial<DescribedPartition>[],
  minInSync = "1",
): DescribedTopic {
  return {
    name: "orders",
    replication: 3,
    partitions: partitions.map((partition, index) => ({
      partition: index,
      leader: 1,
      replicas: [1, 2, 3],
      isr: [1, 2, 3],
      state: "ok",
      logStart: 0,
      end: 5,
      bytes: 1000,
      ...partition,
    })),
    config: {
      "retention.ms": { value: "1000", source: "topic" },
      "min.insync.replicas": { value: minInSync, source: "broker" },
      "segment.ms": { value: "2000", source: "default" },
    },
  };
}

test("a whole topic must have no marks, and of its config only what it sets itself", () => {
  const document = documentOf(topicOf([{}, {}]), { all: false });
  expect(document).toMatchObject({
    offsets: 10,
    bytes: 2000,
    config: { "retention.ms": "1000" },
    problems: [],
  });
  expect(renderTopic(document, view)).toBe(
    [
      "orders: 2 partitions, 3 replicas, 10 offsets, 2.0 kB, retention.ms=1s",
      "PARTITION  LEADER  REPLICAS  ISR    START  END    SIZE  STATE",
      "        0       1  1,2,3     1,2,3      0    5  1.0 kB  ok",
      "        1       1  1,2,3     1,2,3      0    5  1.0 kB  ok",
      "",
    ].join("\n"),
  );
});

test("what is wrong with partitions must be told in words", () => {
  const unknown = { logStart: undefined, end: undefined, bytes: undefined };
  const topic = topicOf(
    [
      { isr: [1, 3], state: "under-replicated" },
      { isr: [1], state: "under-replicated" },
      { ...unknown, leader: -1, isr: [2], state: "offline" },
    ],
    "2",
  );
  const document = documentOf(topic, { all: false });
  expect(document.partitions[2]).toMatchObject({ logStart: null, end: null, bytes: null });
  expect(renderTopic(document, view)).toBe(
    [
      "orders: 3 partitions, 3 replicas, 10 offsets, 2.0 kB, retention.ms=1s",
      "PARTITION  LEADER  REPLICAS  ISR  START  END    SIZE  STATE",
      "        0       1  1,2,3     1,3      0    5  1.0 kB  under-replicated",
      "        1       1  1,2,3     1        0    5  1.0 kB  under-replicated",
      "        2    none  1,2,3     2        -    -       -  offline",
      "! partition 0 is under-replicated: broker 2 not in sync",
      "! partition 1 has 1 of min.insync.replicas=2 in sync, without brokers 2, 3: producers with acks=all are refused",
      "! partition 2 is offline: it has no leader; replicas on 1, 2, 3",
      "",
    ].join("\n"),
  );
});

test("a topic with fewer replicas than the minimum must not be blamed for it", () => {
  const single = { replicas: [1], isr: [1] };
  expect(documentOf(topicOf([single], "2"), { all: false }).problems).toEqual([]);
});

test("all configs must be listed by key with where they come from", () => {
  const document = documentOf(topicOf([{}]), { all: true });
  const lines = renderTopic(document, view).split("\n");
  expect(lines.slice(4)).toEqual([
    "CONFIG               VALUE  FROM",
    "min.insync.replicas  1      broker",
    "retention.ms         1s     topic",
    "segment.ms           2s     default",
    "",
  ]);
});
