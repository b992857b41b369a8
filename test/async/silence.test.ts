import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test, vi } from "vitest";
import { silenceSignal, startSilenceTimer } from "../../src/async/silence.ts";

function keepBusy(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

test("does not count the time in which this process was busy", async () => {
  const onSilence = vi.fn<() => void>();
  const cancel = startSilenceTimer(200, onSilence);
  keepBusy(300);
  // A timer that is due later runs after one that is due already.
  await sleep(1);
  expect(onSilence).not.toHaveBeenCalled();
  cancel();
});

test("counts the time in which this process waited", async () => {
  const startedAt = performance.now();
  await new Promise<void>((resolve) => void startSilenceTimer(50, resolve));
  expect(performance.now() - startedAt).toBeGreaterThan(48);
});

test("ends after four times its length in a process that is always busy", async () => {
  const onSilence = vi.fn<() => void>();
  startSilenceTimer(20, onSilence);
  keepBusy(100);
  await sleep(1);
  expect(onSilence).toHaveBeenCalledTimes(1);
});

test("is not called once it is canceled", async () => {
  const { signal, cancel } = silenceSignal(5);
  cancel();
  await sleep(30);
  expect(signal.aborted).toBe(false);
});

test("aborts a signal with a TimeoutError", async () => {
  const { signal } = silenceSignal(5);
  await new Promise((resolve) => signal.addEventListener("abort", resolve));
  expect(signal.reason).toMatchObject({ name: "TimeoutError" });
});
