import { expect, test } from "vitest";
import { waitUntilReady } from "../../src/async/wait-until-ready.ts";

test("a wait must end with the time that others have left of it, and tell the whole time", async () => {
  const waiting = waitUntilReady({
    target: "web",
    probe: () => Promise.resolve({ ready: false, waitingFor: "nothing listens" }),
    timeoutMs: 3_600_000,
    leftMs: 50,
    signal: new AbortController().signal,
  });
  await expect(waiting).rejects.toMatchObject({
    code: "not-ready",
    message: "web is not ready after 3600 s",
    why: "nothing listens",
  });
});

test.each([
  [50, "dp up --timeout 300s"],
  [400_000, "dp up --timeout 800s"],
])(
  "a wait of %i ms that was too short must say what is still missing, and how to wait longer: %s",
  async (timeoutMs, command) => {
    const waiting = waitUntilReady({
      target: "kafka",
      probe: () => Promise.resolve({ ready: false, waitingFor: "kafka-1 does not answer yet" }),
      timeoutMs,
      leftMs: 1,
      signal: new AbortController().signal,
    });
    await expect(waiting).rejects.toMatchObject({
      why: "kafka-1 does not answer yet",
      next: `it may only need more time: ${command}; with --keep it stays, to be looked at`,
    });
  },
);

test("names the target when no check has ended in time", async () => {
  const waiting = waitUntilReady({
    target: "kafka",
    probe: () => new Promise(() => {}),
    timeoutMs: 1,
    signal: new AbortController().signal,
  });
  await expect(waiting).rejects.toMatchObject({ why: "kafka did not respond" });
});
