import { expect, test } from "vitest";
import {
  countedProgressText,
  progressText,
  stepVerb,
  withCountdown,
} from "../../src/report/step-text.ts";

test("a finished action must read as done", () => {
  expect(stepVerb("create", "start")).toBe("create");
  expect(stepVerb("create", "done")).toBe("created");
  expect(stepVerb("create topic", "done")).toBe("created topic");
  expect(stepVerb("wait for", "done")).toBe("ready");
  expect(stepVerb("wait for", "failed")).toBe("failed to wait for");
  expect(stepVerb("wait for", "canceled")).toBe("canceled: wait for");
  expect(stepVerb("frobnicate", "done")).toBe("frobnicate");
});

test("progress must read as steps or as sizes, before a text that may be cut", () => {
  const progress = { type: "progress", target: "img", text: "pulling" } as const;
  expect(progressText(progress)).toBe("pulling");
  expect(progressText({ ...progress, current: 3, total: 12 })).toBe("3/12  pulling");
  expect(progressText({ ...progress, current: 38_000_000, total: 58_000_000 })).toBe(
    "38 MB of 58 MB  pulling",
  );
  expect(progressText({ ...progress, current: 0, total: 58_000_000 })).toBe(
    "0 B of 58 MB  pulling",
  );
  expect(progressText({ ...progress, current: 7 })).toBe("7  pulling");
});

test("a text for logs must not change with every byte", () => {
  const progress = { type: "progress", target: "img", text: "pulling" } as const;
  expect(countedProgressText({ ...progress, current: 3, total: 12 })).toBe("3/12  pulling");
  expect(countedProgressText({ ...progress, current: 3, total: 58_000_000 })).toBe("pulling");
});

test("a countdown must be in whole seconds, and end with what is due", () => {
  const left = [undefined, 10_500, 900, 0, -5000].map((ms) =>
    withCountdown(
      "try 2 of 3",
      ms === undefined ? undefined : new Date(10_000 + ms).toISOString(),
      10_000,
    ),
  );
  expect(left).toEqual([
    "try 2 of 3",
    "try 2 of 3 in 11 s",
    "try 2 of 3 in 1 s",
    "try 2 of 3 is due",
    "try 2 of 3 is due",
  ]);
});
