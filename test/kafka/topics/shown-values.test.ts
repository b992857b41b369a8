import { expect, test } from "vitest";
import { toShown } from "../../../src/kafka/topics/shown-values.ts";

const fromVariables = new Map([["topics.orders.config.retention.ms", "${RETENTION}"]]);

test("a value that came from a variable must be shown as it was written", () => {
  const created = toShown(
    {
      kind: "create",
      topic: "orders",
      partitions: 1,
      replication: 1,
      config: { "retention.ms": "1000", "cleanup.policy": "compact" },
      cause: "does not exist",
    },
    fromVariables,
  );
  expect(created).toMatchObject({
    config: { "retention.ms": "${RETENTION}", "cleanup.policy": "compact" },
  });
  const refused = toShown(
    {
      kind: "refused",
      topic: "orders",
      cause: "retention.ms 604800000 → 1000",
      why: "",
      next: "dp topic alter orders --set retention.ms=1000",
    },
    fromVariables,
  );
  expect(refused).toMatchObject({
    cause: "retention.ms → ${RETENTION}",
    next: "dp topic alter orders --set retention.ms=${RETENTION}",
  });
});

test("other values must be shown as they are", () => {
  const change = {
    kind: "set-config",
    topic: "returns",
    key: "retention.ms",
    value: "1000",
    cause: "retention.ms 5 → 1000",
  } as const;
  expect(toShown(change, fromVariables)).toEqual(change);
});
