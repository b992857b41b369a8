import { expect, test } from "vitest";
import { topicFailure } from "../../../src/kafka/topics/topic-failure.ts";

const asked = {
  message: 'topic "orders" was not created',
  topic: "orders",
  right: "Create",
} as const;

test.each([
  [0, "done"],
  [5, "made, its leaders are not chosen yet"],
])("code %i is no failure: %s", (errorCode) => {
  expect(topicFailure({ errorCode }, asked)).toBeUndefined();
});

test.each([
  [3, "UNKNOWN_TOPIC_OR_PARTITION", "dp topic list"],
  [31, "CLUSTER_AUTHORIZATION_FAILED", "the user needs Create on the cluster"],
  [37, "INVALID_PARTITIONS", "-p takes"],
  [44, "POLICY_VIOLATION", "create.topic.policy.class.name"],
  [60, "REASSIGNMENT_IN_PROGRESS", "dp topic describe orders"],
  [73, "TOPIC_DELETION_DISABLED", "delete.topic.enable"],
  [-1, "UNKNOWN_SERVER_ERROR", "dp status"],
  [9999, "error 9999", "dp status"],
])("code %i must be told by its name with what to do", (errorCode, name, next) => {
  const failure = topicFailure({ errorCode, errorMessage: "in the broker's words" }, asked);
  expect(failure).toMatchObject({
    message: asked.message,
    why: `${name}: in the broker's words`,
    next: expect.stringContaining(next),
  });
});

test("an answer that leaves the topic out must be a failure", () => {
  expect(topicFailure(undefined, asked)).toMatchObject({ message: asked.message });
});

test("reports that a request may still be carried out when the broker timed out", () => {
  const failure = topicFailure({ errorCode: 7 }, asked);
  expect(failure?.why).toMatch(/^REQUEST_TIMED_OUT: .*\. It may still be carried out$/);
  expect(failure?.next).toBe("dp topic list");
});
