import { expect, test } from "vitest";
import {
  groupDocument,
  remarksOf,
  unknownAges,
} from "../../../../src/commands/group/describe/document.ts";
import { renderGroup } from "../../../../src/commands/group/describe/render.ts";
import type { ObservedGroup } from "../../../../src/kafka/groups/observe.ts";
import { plainStyle } from "../../../../src/report/style.ts";

const now = 1_790_000_100_000;
const log = { leader: 1, logStart: 0, end: 100 };
const group: ObservedGroup = {
  name: "billing",
  protocolType: "consumer",
  type: "classic",
  state: "Stable",
  coordinator: 2,
  assignor: "range",
  members: [
    {
      id: "reader-1",
      instanceId: null,
      clientId: "reader",
      host: "10.0.0.1",
      partitions: [
        { topic: "orders", partition: 0 },
        { topic: "orders", partition: 1 },
      ],
    },
    { id: "idle-1", instanceId: null, clientId: "idle", host: "10.0.0.2", partitions: [] },
  ],
  lags: [
    { ...log, topic: "orders", partition: 0, committed: 40, lag: 60 },
    { ...log, topic: "orders", partition: 1, committed: 100, lag: 0 },
    { ...log, topic: "payments", partition: 0, committed: undefined, lag: 100 },
  ],
};
const nodes = [{ id: 2, host: "127.0.0.1", port: 9092 }];
const known = { oldest: [now - 60_000, undefined, now - 3_600_000], nodes, now };

test("lag must add up by topic and member, and its time be that of the oldest record", () => {
  const document = groupDocument(group, known);
  expect(document).toMatchObject({
    group: "billing",
    lag: 160,
    behindMs: 3_600_000,
    coordinator: { id: 2, address: "127.0.0.1:9092" },
    topics: [
      { topic: "orders", partitions: 2, lag: 60, behindMs: 60_000 },
      { topic: "payments", partitions: 1, lag: 100, behindMs: 3_600_000 },
    ],
    members: [
      { id: "reader-1", lag: 60, behindMs: 60_000 },
      { id: "idle-1", lag: 0, behindMs: 0 },
    ],
  });
  expect(document.partitions.map(({ member }) => member)).toEqual(["reader-1", "reader-1", null]);
  expect(document.partitions.map(({ committed }) => committed)).toEqual([40, 100, null]);
});

test("gives no age where the oldest record of one partition can't be read", () => {
  const oldest = [{ reason: "not allowed" }, undefined, now - 3_600_000];
  expect(groupDocument(group, { ...known, oldest })).toMatchObject({
    behindMs: null,
    topics: [{ behindMs: null }, { behindMs: 3_600_000 }],
  });
  expect(unknownAges(group, oldest)).toEqual([
    "group billing: orders partition 0: can't read the oldest unread record: not allowed",
  ]);
});

test("a time that is not known must be null, not nothing", () => {
  const document = groupDocument(group, { ...known, oldest: [] });
  expect(document).toMatchObject({ lag: 160, behindMs: null });
});

test("the table must have a line for each partition, topic or member, or only for what lags", () => {
  const document = groupDocument(group, known);
  const view = { style: plainStyle, columns: undefined };
  const lines = (by: "partition" | "topic" | "member", lagging: boolean) =>
    renderGroup(document, { by, lagging }, view)
      .trimEnd()
      .split("\n")
      .map((line) => line.replaceAll(/ +/g, " "));
  expect(lines("partition", false)).toEqual([
    "billing: Stable, range, 2 members, coordinator 2 (127.0.0.1:9092), 160 records behind, the oldest 1 h old",
    "TOPIC PARTITION CURRENT-OFFSET LOG-END-OFFSET LAG BEHIND CLIENT-ID HOST MEMBER",
    "orders 0 40 100 60 1 m reader 10.0.0.1 reader-1",
    "orders 1 100 100 0 - reader 10.0.0.1 reader-1",
    "payments 0 - 100 100 1 h - - -",
  ]);
  expect(lines("topic", true).slice(1)).toEqual([
    "TOPIC PARTITIONS LAG BEHIND",
    "orders 2 60 1 m",
    "payments 1 100 1 h",
  ]);
  expect(lines("member", true).slice(2)).toEqual(["reader 10.0.0.1 2 60 1 m reader-1"]);
});

test("offsets that are not in the log must be remarked", () => {
  const lags = [
    { ...log, topic: "orders", partition: 0, committed: 140, lag: 0 },
    { ...log, topic: "orders", partition: 1, logStart: 50, committed: 40, lag: 50 },
    { ...log, topic: "orders", partition: 2, committed: 0, lag: 100 },
  ];
  expect(remarksOf({ ...group, lags })).toEqual([
    expect.stringMatching(/orders partition 0: offset 140 is beyond the end, 100/),
    expect.stringMatching(/orders partition 1: 10 offsets were removed/),
  ]);
});

test("a group without offsets must not read as one that has read everything", () => {
  const factsOf = (one: ObservedGroup): string =>
    renderGroup(
      groupDocument(one, { ...known, oldest: [] }),
      {
        by: "partition",
        lagging: false,
      },
      { style: plainStyle, columns: 100 },
    ).split("\n")[0] ?? "";
  expect(factsOf({ ...group, members: [], lags: [] })).toMatch(/nothing committed$/);
  const read = group.lags?.find(({ lag }) => lag === 0);
  expect(factsOf({ ...group, lags: read ? [read] : [] })).toMatch(/nothing unread$/);
});
