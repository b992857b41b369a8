import { expect, test } from "vitest";
import type { DescribedTopic } from "../../../src/kafka/topics/describe-topics.ts";
import {
  compareTopic,
  formatTopicChange,
  planPrune,
  planTopics,
} from "../../../src/kafka/topics/plan-topics.ts";
import type { TopicSettings } from "../../../src/model/settings.ts";

function wanted(settings: {
  partitions?: number;
  replication?: number;
  config?: Record<string, string>;
}): TopicSettings {
  const { partitions, replication, config = {} } = settings;
  return {
    name: "orders",
    partitions: partitions ?? 1,
    replication: replication ?? 1,
    config,
    written: { partitions, replication },
    seed: undefined,
  };
}

function existing(found: {
  partitions?: number;
  end?: number | undefined;
  config?: Record<string, string>;
}): DescribedTopic {
  const { partitions = 1, config = {} } = found;
  const end = "end" in found ? found.end : 0;
  return {
    name: "orders",
    replication: 1,
    partitions: Array.from({ length: partitions }, (_, partition) => ({
      partition,
      leader: 1,
      replicas: [1],
      isr: [1],
      state: "ok",
      logStart: 0,
      end,
      bytes: 0,
    })),
    config: Object.fromEntries(
      Object.entries(config).map(([key, value]) => [key, { value, source: "topic" }]),
    ),
  };
}

test("a topic that does not exist must be created with all its settings", () => {
  const changes = planTopics([wanted({ partitions: 3, config: { "retention.ms": "1000" } })], []);
  expect(changes).toEqual([
    {
      kind: "create",
      topic: "orders",
      partitions: 3,
      replication: 1,
      config: { "retention.ms": "1000" },
      cause: "does not exist",
    },
  ]);
  expect(changes.map(formatTopicChange)).toEqual([
    "create topic orders (3 partitions, 1 replica, retention.ms=1000): does not exist",
  ]);
});

test("only what the file writes must be compared", () => {
  const found = existing({ partitions: 6, config: { "retention.ms": "5" } });
  expect(planTopics([wanted({})], [found])).toEqual([]);
});

test("values that mean the same must be no change", () => {
  const config = {
    "cleanup.policy": "compact, delete",
    "retention.ms": "0100",
    preallocate: "TRUE",
    "min.cleanable.dirty.ratio": "0.50",
  };
  const found = existing({
    config: {
      "cleanup.policy": "delete,compact",
      "retention.ms": "100",
      preallocate: "true",
      "min.cleanable.dirty.ratio": "0.5",
    },
  });
  expect(planTopics([wanted({ config })], [found])).toEqual([]);
});

test("a changed key must be set, with the old and the new value as cause", () => {
  const found = existing({ config: { "max.message.bytes": "1000" } });
  const changes = planTopics([wanted({ config: { "max.message.bytes": "2000" } })], [found]);
  expect(changes.map(formatTopicChange)).toEqual([
    "change topic orders: max.message.bytes 1000 → 2000",
  ]);
});

test("partitions must grow only while no partition has had records", () => {
  const want = [wanted({ partitions: 3 })];
  expect(planTopics(want, [existing({})])).toEqual([
    { kind: "add-partitions", topic: "orders", partitions: 3, cause: "partitions 1 → 3" },
  ]);
  const refused = {
    kind: "refused",
    why: "the topic has had records, and keys would move to other partitions",
    next: "dp topic alter orders -p 3",
  };
  expect(planTopics(want, [existing({ end: 1 })])).toMatchObject([refused]);
  const offline = existing({ end: undefined });
  expect(planTopics(want, [offline])).toMatchObject([refused]);
});

test("fewer partitions and another replication must be refused", () => {
  expect(planTopics([wanted({ partitions: 1 })], [existing({ partitions: 2 })])).toMatchObject([
    { kind: "refused", cause: "partitions 2 → 1" },
  ]);
  expect(planTopics([wanted({ replication: 3 })], [existing({})])).toMatchObject([
    { kind: "refused", cause: "replication 1 → 3", next: "dp topic reassign orders -r 3" },
  ]);
});

test.each([
  ["retention.ms", "1000", "999"],
  ["retention.ms", "-1", "1000"],
  ["retention.bytes", "-1", "1"],
  ["cleanup.policy", "delete", "compact"],
])("%s from %s to %s must be refused", (key, have, want) => {
  const [change] = planTopics(
    [wanted({ config: { [key]: want } })],
    [existing({ config: { [key]: have } })],
  );
  expect(change).toMatchObject({ kind: "refused", cause: `${key} ${have} → ${want}` });
  expect(change).toMatchObject({ next: `dp topic alter orders --set ${key}=${want}` });
});

test.each([
  ["1000", "2000"],
  ["1000", "-1"],
])("longer retention, from %s to %s, must be set", (have, want) => {
  const found = existing({ config: { "retention.ms": have } });
  expect(planTopics([wanted({ config: { "retention.ms": want } })], [found])).toMatchObject([
    { kind: "set-config", value: want },
  ]);
});

test("a topic must be compared only with what was asked for", () => {
  const found = existing({ partitions: 3, end: 5, config: { "retention.ms": "1000" } });
  const asked = { partitions: undefined, replication: undefined, config: {} };
  expect(compareTopic(asked, found)).toEqual([]);
  const other = { partitions: 6, replication: 3, config: { "retention.ms": "5" } };
  expect(compareTopic(other, found)).toEqual([
    "partitions 3 → 6",
    "replication 1 → 3",
    "retention.ms 1000 → 5",
  ]);
});

test("pruning must spare what the file names, Kafka's own, and what begins with an underscore", () => {
  const listed = ["orders", "old", "__consumer_offsets", "_schemas", "own"].map((name) => ({
    name,
    internal: name.startsWith("__") || name === "own",
  }));
  expect(planPrune([{ name: "orders" }, { name: "missing" }], listed)).toEqual([
    { kind: "delete", topic: "old", cause: "the file does not name it" },
  ]);
});
