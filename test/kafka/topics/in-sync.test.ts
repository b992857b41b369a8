import { expect, test } from "vitest";
import { behind } from "../../../src/kafka/topics/in-sync.ts";

const topicOf = (partitions: Parameters<typeof behind>[0][number]["partitions"]) =>
  ({ name: "orders", errorCode: 0, internal: false, partitions }) as const;
const whole = { errorCode: 0, partition: 0, leader: 1, replicas: [1, 2, 3], isr: [3, 1, 2] };

test("partitions with a leader and all replicas must be in sync, whatever their number", () => {
  expect(behind([])).toBeUndefined();
  expect(behind([topicOf([whole, { ...whole, replicas: [2], isr: [2] }])])).toBeUndefined();
});

test.each([
  [[{ ...whole, isr: [1, 2] }], "orders-0 has 2 of 3 replicas in sync"],
  [[whole, { ...whole, partition: 1, leader: -1, isr: [] }], "orders-1 has no leader"],
  [
    [
      { ...whole, isr: [1] },
      { ...whole, partition: 1, isr: [1] },
    ],
    "orders-0 has 1 of 3 replicas in sync, and 1 more partition",
  ],
])("what is missing must be told: %#", (partitions, text) => {
  expect(behind([topicOf(partitions)])).toBe(text);
});
