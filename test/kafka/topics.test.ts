import { expect, test } from "vitest";
import type { DescribedTopic } from "../../src/kafka/admin.ts";
import { formatTopicChange, planTopics } from "../../src/kafka/topics.ts";
import type { TopicSettings } from "../../src/stack/settings.ts";

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
  end?: number;
  config?: Record<string, string>;
}): DescribedTopic {
  const { partitions = 1, end = 0, config = {} } = found;
  return {
    name: "orders",
    replication: 1,
    partitions: Array.from({ length: partitions }, (_, partition) => ({
      partition,
      leader: 1,
      replicas: [1],
      isr: [1],
      logStart: 0,
      end,
      bytes: 0,
    })),
    config: Object.fromEntries(
      Object.entries(config).map(([key, value]) => [key, { value, ownValue: true }]),
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
  };
  const found = existing({
    config: { "cleanup.policy": "delete,compact", "retention.ms": "100", preallocate: "true" },
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
  expect(planTopics(want, [existing({ end: 1 })])).toMatchObject([
    { kind: "refused", why: "the topic has had records, and keys would move to other partitions" },
  ]);
});

test("fewer partitions and another replication must be refused", () => {
  expect(planTopics([wanted({ partitions: 1 })], [existing({ partitions: 2 })])).toMatchObject([
    { kind: "refused", cause: "partitions 2 → 1" },
  ]);
  expect(planTopics([wanted({ replication: 3 })], [existing({})])).toMatchObject([
    { kind: "refused", cause: "replication 1 → 3" },
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
  expect(change).toMatchObject({ next: expect.stringContaining("dp topic delete orders") });
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
