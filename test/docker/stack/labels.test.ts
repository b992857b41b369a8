import { expect, test } from "vitest";
import {
  describeOwner,
  formatGroupLabels,
  formatLabels,
  parseLabels,
} from "../../../src/docker/stack/labels.ts";

const stack = {
  project: "shop",
  file: "/shop/pipeline.yaml",
  host: "laptop",
  profile: "ci",
  version: "0.1.0",
};
const object = {
  service: "kafka-1",
  kind: "kafka",
  fingerprint: "0123456789ab",
  parts: { "env.A": "ba9876543210" },
} as const;

test("labels must be read back as they were written", () => {
  const { version: _, ...rest } = stack;
  expect(parseLabels(formatLabels(stack, object))).toEqual({ ...rest, ...object });
  const ready = { kind: "exec", command: ["test", "-e", "/tmp/up"] } as const;
  expect(parseLabels(formatLabels(stack, { ...object, ready }))?.ready).toEqual(ready);
});

test("an object without dp's labels must be nobody's", () => {
  expect(parseLabels(null)).toBeUndefined();
  expect(parseLabels(undefined)).toBeUndefined();
  expect(parseLabels({ "com.docker.compose.project": "shop" })).toBeUndefined();
});

test("labels that were damaged must still tell whose the object is", () => {
  const parsed = parseLabels({ "dp.project": "shop", "dp.parts": "{ not json" });
  expect(parsed).toMatchObject({ project: "shop", service: "", parts: {} });
});

test("compose must not take the containers for its own", () => {
  const labels = formatGroupLabels("shop", "kafka-1");
  expect(labels["com.docker.compose.project"]).toBe("dp-shop");
  expect(Object.keys(labels)).not.toContain("com.docker.compose.config-hash");
});

test("an owner must be told by stack, by compose project, or by name", () => {
  expect(describeOwner("shop-kafka-1", formatLabels(stack, object))).toBe(
    "container shop-kafka-1 of the dp stack shop (/shop/pipeline.yaml)",
  );
  expect(describeOwner("web-1", { "com.docker.compose.project": "web" })).toBe(
    "container web-1 of the compose project web",
  );
  expect(describeOwner("web-1", null)).toBe("container web-1");
});
