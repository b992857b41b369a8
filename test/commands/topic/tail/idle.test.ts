import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createIdleWatch } from "../../../../src/commands/topic/tail/idle.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("a wait that is too long must end the reading, work between two waits must not", () => {
  const idle = createIdleWatch(5000);
  idle.arm();
  vi.advanceTimersByTime(4999);
  idle.disarm();
  vi.advanceTimersByTime(60_000);
  expect(idle.signal.aborted).toBe(false);
  idle.arm();
  vi.advanceTimersByTime(5000);
  expect(idle.signal.aborted).toBe(true);
});

test("brokers that are looked for must not count as idle", () => {
  const idle = createIdleWatch(5000);
  idle.arm();
  idle.excuse();
  vi.advanceTimersByTime(34_000);
  expect(idle.signal.aborted).toBe(false);
  vi.advanceTimersByTime(1000);
  expect(idle.signal.aborted).toBe(true);
});

test("without a limit nothing must end the reading", () => {
  const idle = createIdleWatch(undefined);
  idle.arm();
  idle.excuse();
  vi.advanceTimersByTime(3_600_000);
  expect(idle.signal.aborted).toBe(false);
});
